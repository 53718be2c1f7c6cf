import { pino, symbols, type Logger } from "pino";
import { parseConfig } from "../../config/problems.js";
import type { DeliveryReport, LogLevel, Metrics } from "../../contract/index.js";
import { jsonNumber } from "../../support/json-number.js";
import { durationText, numberText } from "../../support/number-text.js";
import { setOwn } from "../../support/own.js";
import { valueText } from "../../support/value-text.js";
import {
  baseFields,
  isoTime,
  measuredFields,
  messageText,
  plainFields,
  takenKeys,
  withFreeKeys,
  type LineFields,
} from "./line-fields.js";
import { TrainingLoggerOptions, type LogExtras } from "./options.js";
import { RotatingFile } from "./rotating-file.js";

/** One step or interval of training, for `logTrainingMetrics`. Other keys are written as they are. */
export interface TrainingMetrics extends LogExtras {
  /** Index of the epoch, from 0. */
  epoch: number;
  /** Index of the batch in its epoch, written as `batch_idx`. */
  batch: number;
  /** Optimizer steps so far. */
  step?: number | undefined;
  /** Loss of the batch, or mean so far; written as `train_loss`. */
  trainLoss?: number | undefined;
  /** Loss on held-out data, where it was measured; written as `val_loss`. */
  valLoss?: number | undefined;
  /** The rate of the optimizer at this batch; written as `learning_rate`. */
  learningRate?: number | undefined;
}

/** How important a line is: the value of its `level`. */
export type LineLevel = Exclude<LogLevel, "silent">;

const LINE_NAMES: ReadonlyMap<string, string> = new Map([
  ["batch", "batch_idx"],
  ["trainLoss", "train_loss"],
  ["valLoss", "val_loss"],
  ["learningRate", "learning_rate"],
]);
/** Beside `method` and `headers`, pino would read the line as an HTTP request, and write nothing else of it. */
const OF_A_REQUEST: ReadonlySet<string> = new Set(["socket"]);
/** Writes `err` as it is. Without a prototype, since pino looks every key of a line up in it. */
const SERIALIZERS = Object.assign(Object.create(null) as object, { err: (error: unknown) => error });
const LEVELS: ReadonlySet<unknown> = new Set<LineLevel>(["debug", "info", "warn", "error"]);
/** From pino's `warn` on a line is written at once. */
const URGENT_LEVEL = 40;

/**
 * The training log: JSON lines on disk, made by pino, stored by `RotatingFile`.
 * - Format: every line has `level`, `timestamp` (ISO 8601), `logger`, `component`, `module`, `message`, then `run`, `experiment_id` and
 *   `rank` where they are known, then the line's extras. Non-finite numbers are strings (`"NaN"`).
 * - Order and durability are those of `RotatingFile`; warnings and errors are on disk when the call returns.
 * - Secrets are hidden: values of keys such as `password`, the user and password of URIs, bearer tokens.
 * - Only the constructor throws. Extras that cannot be read are marked in the line, a failing disk is reported once.
 */
export class TrainingLogger {
  /** `"training-log"`: its name in reports. */
  readonly name: string = "training-log";
  readonly #file: RotatingFile;
  readonly #pino: Logger;
  readonly #destination: LineDestination;
  readonly #now: () => number;
  readonly #taken: ReadonlySet<string>;
  #atMs = 0;

  /** Opens the newest file of `dir`, or a first one. Throws `ERR_CONFIG` for wrong options and `ERR_LOG` when the file cannot be opened. */
  constructor(options: TrainingLoggerOptions) {
    const parsed = parseConfig(TrainingLoggerOptions, options, "TrainingLogger");
    const { level, rank, dir, metricsBufferSize, maxBytes, maxAgeMs, maxFiles, retryIntervalMs, onError, now, elapsed, fs } =
      parsed;
    const base = baseFields(parsed);
    this.#now = now;
    this.#taken = takenKeys(base);
    const prefix = rank === undefined || rank === 0 ? "training" : `training-rank${rank}`;
    const limits = { maxBufferedLines: metricsBufferSize, maxBytes, maxAgeMs, maxFiles, retryIntervalMs };
    this.#file = new RotatingFile({ dir, prefix, ...limits, onError, now, elapsed, fs });
    this.#destination = destinationTo(this.#file);
    this.#pino = pino(
      {
        level,
        base,
        messageKey: "message",
        timestamp: () => `,"timestamp":"${isoTime(this.#atMs)}"`,
        formatters: { level: (label) => ({ level: label }) },
        serializers: SERIALIZERS,
      },
      this.#destination,
    );
  }

  /** The absolute name of the log file that is written now; it changes at each rotation. */
  get path(): string {
    return this.#file.path;
  }

  /** Writes a line of level "debug", which the default level leaves out. */
  debug(message: string, extras?: LogExtras): void {
    this.write("debug", message, extras);
  }

  /** Writes a line of level "info". */
  info(message: string, extras?: LogExtras): void {
    this.write("info", message, extras);
  }

  /** Writes a line of level "warn", which is on disk when the call returns. */
  warn(message: string, extras?: LogExtras): void {
    this.write("warn", message, extras);
  }

  /** Writes a line of level "error", which is on disk when the call returns. */
  error(message: string, extras?: LogExtras): void {
    this.write("error", message, extras);
  }

  /**
   * Writes one line. `atMs` is its time in milliseconds since 1970, by default that of the call. A level that there is not becomes "warn",
   * and the line says so in `unknown_level`.
   */
  write(level: LineLevel, message: string, extras?: LogExtras, atMs?: number): void {
    if (!LEVELS.has(level)) {
      const unknown = typeof level === "string" ? level : valueText(level);
      return this.write("warn", message, { ...plainFields(extras), unknown_level: unknown }, atMs);
    }
    if (this.#pino.isLevelEnabled(level)) this.#line(level, messageText(message), plainFields(extras), atMs);
  }

  /** Writes `training started` with `params`, as `event: "training_start"`. */
  logTrainingStart(params: LogExtras = {}): void {
    this.info("training started", { event: "training_start", params });
  }

  /** Writes `training metrics` with the values of a step or interval, as `event: "training_metrics"`. */
  logTrainingMetrics(metrics: TrainingMetrics): void {
    if (!this.#pino.isLevelEnabled("info")) return;
    const fields: LineFields = { event: "training_metrics" };
    for (const [key, value] of Object.entries(measuredFields(metrics))) setOwn(fields, LINE_NAMES.get(key) ?? key, value);
    this.#line("info", "training metrics", fields);
  }

  /**
   * Writes a line about a finished epoch, as `event: "epoch_summary"`. `epoch` counts from 0, as in all records; the message, for people,
   * counts from 1 and rounds. `valLoss` is null where there was no validation.
   */
  logEpochSummary(epoch: number, trainLoss: number, valLoss?: number | null, extras?: LogExtras): void {
    if (!this.#pino.isLevelEnabled("info")) return;
    const hasValidation = valLoss !== undefined && valLoss !== null;
    const losses = { epoch, train_loss: trainLoss, ...(hasValidation ? { val_loss: valLoss } : {}) };
    this.#line(
      "info",
      `epoch ${epoch + 1}: train loss ${numberText(trainLoss)}${hasValidation ? `, val loss ${numberText(valLoss)}` : ""}`,
      {
        ...measuredFields(extras),
        event: "epoch_summary",
        ...measuredFields(losses),
      },
    );
  }

  /** Writes a line about the finished training, as `event: "training_complete"`. `best` holds the best values by name. */
  logTrainingComplete(epochs: number, seconds: number, best: LogExtras = {}): void {
    if (!this.#pino.isLevelEnabled("info")) return;
    this.#line("info", `training complete: ${epochs} epochs in ${durationText(seconds)}`, {
      event: "training_complete",
      total_epochs: epochs,
      duration_seconds: jsonNumber(seconds),
      best: measuredFields(best),
    });
  }

  /** Writes the points of a step. Their names are metrics' and their values numbers: nothing in them is searched for secrets. @internal */
  logPoints(points: Metrics, step: number, epoch: number | undefined, atMs: number | undefined): void {
    if (!this.#pino.isLevelEnabled("info")) return;
    const metrics: LineFields = {};
    let count = 0;
    for (const name in points) {
      setOwn(metrics, name, jsonNumber(points[name] as number));
      count++;
    }
    this.#line("info", "metrics", epoch === undefined ? { step, metrics } : { step, epoch, metrics }, atMs, count);
  }

  /** Writes a line that is no record of a caller, and is not counted as one. @internal */
  logOwn(message: string, extras: LogExtras): void {
    this.#line("info", message, plainFields(extras), undefined, 0);
  }

  /** Writes what waits. Resolves with what became of all lines so far. */
  async flush(): Promise<DeliveryReport> {
    this.#file.flush();
    return this.#report();
  }

  /** Flushes and closes the file; later lines are counted as dropped. A second call changes nothing. */
  async close(): Promise<DeliveryReport> {
    this.#file.close();
    return this.#report();
  }

  /** `close`, for `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #line(level: LineLevel, message: string, fields: LineFields, atMs?: number, records = 1): void {
    this.#destination.records = records;
    this.#atMs = atMs ?? this.#now();
    let line = withFreeKeys(fields, this.#taken);
    if (line["method"] && line["headers"] && line["socket"]) line = withFreeKeys(line, OF_A_REQUEST);
    this.#pino[level](line, message);
  }

  #report(): DeliveryReport {
    const { written, pending, dropped, error } = this.#file;
    const report = { backend: this.name, delivered: written, pending, refused: 0, dropped };
    return error === undefined ? report : { ...report, error };
  }
}

/** What pino writes to. It is given the level of each line, so that a warning does not wait. */
interface LineDestination {
  write(line: string): void;
  lastLevel: number;
  /** Records that the next line holds. */
  records: number;
}

function destinationTo(file: RotatingFile): LineDestination {
  const stream = {
    [symbols.needsMetadataGsym]: true,
    lastLevel: 0,
    records: 1,
    write(line: string): void {
      file.append(line, stream.lastLevel >= URGENT_LEVEL, stream.records);
    },
  };
  return stream;
}
