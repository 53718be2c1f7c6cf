import type { BestValue, RunStatus } from "./run.js";

/** The data of the event "runEnd", the last record of a run before its backends are closed. */
export interface RunEnd {
  /** How it ended and why, in one sentence. */
  message: string;
  /** As in `FitResult`. */
  status: RunStatus;
  /** As in `FitResult`. */
  reason: string;
  /** As in `FitResult`. */
  epochs: number;
  /** As in `FitResult`. */
  steps: number;
  /** As in `FitResult`. */
  best: Readonly<Record<string, BestValue>>;
  /** The last committed checkpoint; null where there is none. */
  checkpoint: {
    /** Its folder, absolute. */
    readonly path: string;
    /** Index of the epoch it was captured in, from 0. */
    readonly epoch: number;
    /** Completed optimizer steps at the capture. */
    readonly step: number;
  } | null;
  /** How many checkpoints could not be saved. */
  failedSaves: number;
}
