/**
 * The training log: JSON lines on disk, made by pino, kept by `RotatingFile` (its guarantees hold here).
 * Every line has `level`, `timestamp` (ISO), `logger`, `component`, `module`, `message`, then `run`, `experiment_id` and
 * `rank` where they are known, then extras such as `hpu_id`. Non-finite numbers are strings (`"NaN"`).
 */
import { pino, symbols, type Logger } from "pino";
import type { DeliveryReport, LogLevel } from "../../contract/index.js";
import type { TrainscopeError } from "../../support/errors.js";
import type { LogFs } from "./files.js";
import { jsonSafe, type JsonSafe } from "./json-safe.js";
import { RotatingFile } from "./rotating-file.js";

/** Anything that is worth keeping beside a message; a key that a line has already gets a `_` behind it. */
export type LogExtras = Readonly<Record<string, unknown>>;

export interface TrainingLoggerOptions {
  /** The directory of the log files. It is made where it is missing. */
  dir: string;
  /** Written as `experiment_id`. */
  experiment?: string | undefined;
  /** Default "info". */
  level?: LogLevel | undefined;
  /** Lines gathered in a burst before they are written. Default 1000. */
  metricsBufferSize?: number | undefined;
  /** How long a failing disk is left alone before it is tried again. Default 1000. */
  retryIntervalMs?: number | undefined;
  /** A file's size before the next one begins. Default 64 MiB. */
  maxBytes?: number | undefined;
  /** A file's age before the next one begins. Default 24 h. */
  maxAgeMs?: number | undefined;
  /** Files kept; older ones are deleted. Default: all. */
  maxFiles?: number | undefined;
  run?: string | undefined;
  /** Ranks other than 0 write `training-rank<k>-….jsonl`. */
  rank?: number | undefined;
  /** Default "training". */
  component?: string | undefined;
  /** Default "training-log". */
  module?: string | undefined;
  /** Written on every line. */
  fields?: LogExtras | undefined;
  /** Called once, when the disk fails first. The log goes on trying. */
  onError?: ((error: TrainscopeError) => void) | undefined;
  /** Milliseconds since 1970. Default `Date.now`. */
  now?: (() => number) | undefined;
  /** The file system calls. Default `node:fs`. */
  fs?: LogFs | undefined;
}

/** One step or interval of training. Other keys are written as they are. */
export interface TrainingMetrics extends LogExtras {
  epoch: number;
  batch: number;
  step?: number | undefined;
  trainLoss?: number | undefined;
  valLoss?: number | undefined;
  learningRate?: number | undefined;
}

type LineLevel = Exclude<LogLevel, "silent">;

const RESERVED: ReadonlySet<string> = new Set([
  "level",
  "timestamp",
  "message",
  "logger",
  "component",
  "module",
  "run",
  "experiment_id",
  "rank",
]);
const LINE_NAMES: Readonly<Record<string, string>> = {
  batch: "batch_idx",
  trainLoss: "train_loss",
  valLoss: "val_loss",
  learningRate: "learning_rate",
};
/** From pino's `warn` on a line is written at once. */
const URGENT_LEVEL = 40;

export class TrainingLogger {
  readonly name: string = "training-log";
  readonly #file: RotatingFile;
  readonly #pino: Logger;
  readonly #now: () => number;
  readonly #taken: ReadonlySet<string>;
  #atMs = 0;

  /** Opens the newest file of `dir`, or a first one. Throws `ERR_LOG` when that fails; nothing else here throws. */
  constructor(options: TrainingLoggerOptions) {
    this.#now = options.now ?? Date.now;
    const base = baseFields(options);
    this.#taken = new Set([...RESERVED, ...Object.keys(base)]);
    const prefix = options.rank === undefined || options.rank === 0 ? "training" : `training-rank${options.rank}`;
    this.#file = new RotatingFile({ ...options, prefix, maxBufferedLines: options.metricsBufferSize });
    this.#pino = pino(
      {
        level: options.level ?? "info",
        base,
        messageKey: "message",
        timestamp: () => `,"timestamp":"${isoTime(this.#atMs)}"`,
        formatters: { level: (label) => ({ level: label }) },
        serializers: { err: (error: unknown) => error },
      },
      destination(this.#file),
    );
  }

  /** The file that is written now. */
  get path(): string {
    return this.#file.path;
  }

  debug(message: string, extras?: LogExtras): void {
    this.write("debug", message, extras);
  }

  info(message: string, extras?: LogExtras): void {
    this.write("info", message, extras);
  }

  warn(message: string, extras?: LogExtras): void {
    this.write("warn", message, extras);
  }

  error(message: string, extras?: LogExtras): void {
    this.write("error", message, extras);
  }

  /** One line. `atMs` is its time in milliseconds since 1970, by default now. */
  write(level: LineLevel, message: string, extras?: LogExtras, atMs?: number): void {
    if (!this.#pino.isLevelEnabled(level)) return;
    this.#atMs = atMs ?? this.#now();
    this.#pino[level](this.#safeExtras(extras), textOf(message));
  }

  logTrainingStart(params: LogExtras = {}): void {
    this.info("training started", { event: "training_start", params });
  }

  logTrainingMetrics(metrics: TrainingMetrics): void {
    const extras: Record<string, unknown> = { event: "training_metrics" };
    for (const [key, value] of Object.entries(metrics)) extras[LINE_NAMES[key] ?? key] = value;
    this.info("training metrics", extras);
  }

  /** `valLoss` is null where there was no validation. */
  logEpochSummary(epoch: number, trainLoss: number, valLoss?: number | null, extras?: LogExtras): void {
    const validation = valLoss === undefined || valLoss === null ? "" : `, val loss ${valLoss}`;
    const losses = { epoch, train_loss: trainLoss, val_loss: valLoss ?? undefined };
    this.info(`epoch ${epoch}: train loss ${trainLoss}${validation}`, { ...extras, event: "epoch_summary", ...losses });
  }

  logTrainingComplete(epochs: number, seconds: number, best: LogExtras = {}): void {
    this.info(`training complete: ${epochs} epochs in ${seconds} s`, {
      event: "training_complete",
      total_epochs: epochs,
      duration_seconds: seconds,
      best,
    });
  }

  /** Writes what waits. Resolves with what became of all lines so far. */
  async flush(): Promise<DeliveryReport> {
    this.#file.flush();
    return this.#report();
  }

  /** Flushes and closes; later lines are counted as dropped. A second call changes nothing. */
  async close(): Promise<DeliveryReport> {
    this.#file.close();
    return this.#report();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #safeExtras(extras: LogExtras | undefined): Record<string, JsonSafe> {
    const line: Record<string, JsonSafe> = {};
    if (extras === undefined) return line;
    const safe = safely(extras);
    for (const key of Object.keys(safe)) line[freeKey(key, this.#taken, safe)] = safe[key] as JsonSafe;
    if (line["method"] && line["headers"] && line["socket"]) delete line["socket"]; // pino would take it for an HTTP request
    return line;
  }

  #report(): DeliveryReport {
    const { written, pending, dropped, error } = this.#file;
    const report = { backend: this.name, delivered: written, pending, refused: 0, dropped };
    return error === undefined ? report : { ...report, error };
  }
}

function baseFields(options: TrainingLoggerOptions): Record<string, JsonSafe> {
  const base: Record<string, JsonSafe> = {
    logger: "trainscope",
    component: options.component ?? "training",
    module: options.module ?? "training-log",
  };
  if (options.run !== undefined) base["run"] = options.run;
  if (options.experiment !== undefined) base["experiment_id"] = options.experiment;
  if (options.rank !== undefined) base["rank"] = options.rank;
  const fields = safely(options.fields ?? {});
  for (const key of Object.keys(fields)) base[freeKey(key, RESERVED, fields)] = fields[key] as JsonSafe;
  return base;
}

/** `key`, with as many `_` behind it as it takes to be no other. */
function freeKey(key: string, taken: ReadonlySet<string>, others: object): string {
  let free = key;
  while (taken.has(free) || (free !== key && Object.hasOwn(others, free))) free += "_";
  return free;
}

/** Extras as JSON can hold them. A getter that throws costs the extras, not the line. */
function safely(extras: LogExtras): Record<string, JsonSafe> {
  try {
    const safe = jsonSafe(extras);
    return safe !== null && typeof safe === "object" && !Array.isArray(safe) ? safe : { extras: safe };
  } catch (error) {
    return { extras: `(could not be read: ${String(error)})` };
  }
}

function textOf(message: unknown): string {
  const text = jsonSafe(message);
  return typeof text === "string" ? text : JSON.stringify(text);
}

function isoTime(ms: number): string {
  const time = new Date(ms);
  return Number.isNaN(time.getTime()) ? "invalid" : time.toISOString();
}

/** What pino writes to. It tells the level of each line, so that a warning does not wait. */
function destination(file: RotatingFile): { write(line: string): void; lastLevel: number } {
  const stream = {
    [symbols.needsMetadataGsym]: true,
    lastLevel: 0,
    write(line: string): void {
      file.append(line, stream.lastLevel >= URGENT_LEVEL);
    },
  };
  return stream;
}
