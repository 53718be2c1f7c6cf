import { z } from "zod";
import {
  agreeing,
  callback,
  count,
  directory,
  field,
  flag,
  instance,
  milliseconds,
  tensorboardLayoutField,
} from "../../config/fields.js";
import type { TensorBoardLayout, WithDefaults } from "../../contract/index.js";
import type { TrainscopeError } from "../../support/errors.js";
import type { EventFs } from "./files/event-fs.js";

/** How a `SummaryWriter` buffers records, resumes a run and reports failures. */
export interface SummaryWriterOptions {
  /**
   * Milliseconds after which a record is in the file at the latest: what a killed process loses. Less shows points sooner and
   * costs more writes.
   * @default 500
   */
  flushIntervalMs?: number | undefined;
  /**
   * Bytes of records that are kept in memory while the disk fails; further records are dropped and counted.
   * @default 16777216
   */
  maxQueueBytes?: number | undefined;
  /**
   * The first step of a resumed run. What the directory, and each directory opened with `child`, holds from this step on is
   * removed; a point that is logged again at the step before is skipped. Left out: nothing is removed.
   */
  resumeStep?: number | undefined;
  /**
   * Called with the first failure of the disk and the first refused record of each kind; left out: a warning of the process. What
   * it throws is ignored.
   */
  onError?: ((error: TrainscopeError) => void) | undefined;
  /** The file system calls of event files. @internal */
  fs?: EventFs | undefined;
}

/** The options of a `SummaryWriter` with their defaults. */
export type ResolvedSummaryWriterOptions = WithDefaults<SummaryWriterOptions, "flushIntervalMs" | "maxQueueBytes">;

/** Where a `TensorBoardBackend` writes, and how it arranges series, buffers records and reports failures. */
export interface TensorBoardBackendOptions {
  /**
   * The directory of the event files; it takes precedence over `runsDir`. Required where records are logged without `start`; left
   * out: tensorboard/ in the run's directory.
   */
  dir?: string | undefined;
  /** A directory in which each run has a directory named like the run, for the event files of many runs in one place. */
  runsDir?: string | undefined;
  /**
   * How curves are split into TensorBoard runs: all in one, a run each for train and validation ("phases"), or below these one
   * for each loader too.
   * @default "one"
   */
  layout?: TensorBoardLayout | undefined;
  /**
   * Writes the graph of the model also as Keras does ("Conceptual graph"), on which TensorBoard before 2.17 fails.
   * @default false
   */
  kerasGraph?: boolean | undefined;
  /**
   * Milliseconds after which a record is in the file at the latest: what a killed process loses. Less shows points sooner and
   * costs more writes.
   * @default 500
   */
  flushIntervalMs?: number | undefined;
  /**
   * Bytes of records that are kept in memory while the disk fails; further records are dropped and counted.
   * @default 16777216
   */
  maxQueueBytes?: number | undefined;
  /**
   * Called with the first failure of the disk and the first refused record of each kind; left out: a warning of the process. What
   * it throws is ignored.
   */
  onError?: ((error: TrainscopeError) => void) | undefined;
  /** The file system calls of event files. @internal */
  fs?: EventFs | undefined;
}

/** The options of a `TensorBoardBackend` with their defaults. */
export type ResolvedTensorBoardBackendOptions = WithDefaults<
  TensorBoardBackendOptions,
  "layout" | "kerasGraph" | "flushIntervalMs" | "maxQueueBytes"
>;

const flushIntervalMs = () =>
  field(
    milliseconds(0).default(500),
    "Milliseconds after which a record is in the file at the latest: what a killed process loses. Less shows points sooner and costs more writes.",
  );

const maxQueueBytes = () =>
  field(
    count(0).default(16 * 1024 * 1024),
    "Bytes of records that are kept in memory while the disk fails; further records are dropped and counted.",
  );

const onError = () =>
  callback<(error: TrainscopeError) => void>(
    "Called with the first failure of the disk and the first refused record of each kind; left out: a warning of the process. What it throws is ignored.",
  ).optional();

const fs = () =>
  instance<EventFs>(
    (value) => typeof value === "object" && value !== null,
    "an object with file system calls",
    "The file system calls of event files.",
    { internal: true },
  ).optional();

const summaryWriter = () =>
  z.strictObject({
    flushIntervalMs: flushIntervalMs(),
    maxQueueBytes: maxQueueBytes(),
    resumeStep: field(
      count(0).optional(),
      "The first step of a resumed run. What the directory, and each directory opened with `child`, holds from this step on is removed; a point that is logged again at the step before is skipped. Left out: nothing is removed.",
    ),
    onError: onError(),
    fs: fs(),
  });

/** How a `SummaryWriter` buffers records, resumes a run and reports failures. */
export const SummaryWriterOptions: z.ZodType<ResolvedSummaryWriterOptions, SummaryWriterOptions> = agreeing<
  ResolvedSummaryWriterOptions,
  SummaryWriterOptions
>()("How a SummaryWriter buffers records, resumes a run and reports failures.", summaryWriter);

const tensorBoardBackend = () =>
  z.strictObject({
    dir: field(
      directory().optional(),
      "The directory of the event files; it takes precedence over `runsDir`. Required where records are logged without `start`; left out: tensorboard/ in the run's directory.",
    ),
    runsDir: field(
      directory().optional(),
      "A directory in which each run has a directory named like the run, for the event files of many runs in one place.",
    ),
    layout: tensorboardLayoutField(),
    kerasGraph: field(
      flag(false),
      'Writes the graph of the model also as Keras does ("Conceptual graph"), on which TensorBoard before 2.17 fails.',
    ),
    flushIntervalMs: flushIntervalMs(),
    maxQueueBytes: maxQueueBytes(),
    onError: onError(),
    fs: fs(),
  });

/** Where a `TensorBoardBackend` writes, and how it arranges series, buffers records and reports failures. */
export const TensorBoardBackendOptions: z.ZodType<ResolvedTensorBoardBackendOptions, TensorBoardBackendOptions> = agreeing<
  ResolvedTensorBoardBackendOptions,
  TensorBoardBackendOptions
>()("Where a TensorBoardBackend writes, and how it arranges series, buffers records and reports failures.", tensorBoardBackend);
