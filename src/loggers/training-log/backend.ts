/**
 * The training log behind the trainer: metrics, params, text, events, tags, artifacts and the graph as lines in
 * `<run directory>/log`. Histograms and scatters arrive as scalars and text (convert.ts); images are counted.
 */
import { join } from "node:path";
import type {
  Artifact,
  DeliveryReport,
  LoggerBackend,
  Metrics,
  ModelDescription,
  PointTime,
  RunControl,
  RunInfo,
  RunStatus,
} from "../../contract/index.js";
import { TrainscopeError } from "../../support/errors.js";
import { TrainingLogger, type LogExtras, type TrainingLoggerOptions } from "./training-logger.js";

export interface TrainingLogBackendOptions extends Omit<TrainingLoggerOptions, "dir" | "run" | "rank"> {
  /** Default `<run directory>/log`. */
  dir?: string | undefined;
  /**
   * False: only events and text are written, and no file is made before the first one. Default true.
   */
  metrics?: boolean | undefined;
}

const EVENT_LEVELS: Readonly<Record<string, "warn" | "error">> = { warning: "warn", error: "error" };

export class TrainingLogBackend implements LoggerBackend {
  readonly name: string = "training-log";
  readonly #options: TrainingLogBackendOptions;
  readonly #everything: boolean;
  #run: RunInfo | undefined;
  #log: TrainingLogger | undefined;
  #closed = false;

  constructor(options: TrainingLogBackendOptions = {}) {
    this.#options = options;
    this.#everything = options.metrics ?? true;
  }

  start(run: RunInfo, _control?: RunControl): void {
    this.#run = run;
    if (this.#everything) this.#startLine(this.#opened());
  }

  logMetrics(metrics: Metrics, step: number, at?: PointTime): void {
    if (this.#everything) this.#write("info", "metrics", { step, epoch: at?.epoch, metrics }, at);
  }

  logParams(params: LogExtras): void {
    if (this.#everything) this.#write("info", "params", { params });
  }

  setTags(tags: LogExtras): void {
    if (this.#everything) this.#write("info", "tags", { tags });
  }

  logGraph(description: ModelDescription): void {
    if (!this.#everything) return;
    const { name, layers, parameterCount } = description;
    this.#write("info", "model", { model: name, parameter_count: parameterCount, layers });
  }

  logArtifact(artifact: Artifact, step?: number): void {
    if (this.#everything) this.#write("info", `artifact ${artifact.name}`, { event: "artifact", step, artifact });
  }

  logText(name: string, text: string, step: number, at?: PointTime): void {
    this.#write("info", text, { event: "text", name, step, epoch: at?.epoch }, at);
  }

  /** `warning` and `error` take that level; `message` is the line's message, the rest of `data` its extras. */
  logEvent(name: string, data: Readonly<Record<string, unknown>>, step?: number): void {
    const { message, ...extras } = data;
    const text = typeof message === "string" ? message : name;
    this.#write(EVENT_LEVELS[name] ?? "info", text, { ...extras, event: name, step: step ?? extras["step"] });
  }

  flush(): DeliveryReport[] | Promise<DeliveryReport[]> {
    return this.#log === undefined ? [] : this.#log.flush().then((report) => [report]);
  }

  async close(status: RunStatus): Promise<DeliveryReport[]> {
    if (!this.#closed && this.#log !== undefined) this.#log.info(`run ${status}`, { event: "run_end", status });
    this.#closed = true;
    return this.#log === undefined ? [] : [await this.#log.close()];
  }

  #write(level: "info" | "warn" | "error", message: string, extras: LogExtras, at?: PointTime): void {
    if (this.#closed) return;
    const { wallTime } = at ?? {};
    this.#opened().write(level, message, extras, wallTime === undefined ? undefined : wallTime * 1000);
  }

  #startLine(log: TrainingLogger): void {
    const run = this.#run;
    if (run === undefined) return;
    log.info(run.attempt > 1 ? "run resumed" : "run started", {
      event: "run_start",
      attempt: run.attempt,
      resumed_from_step: run.resumedFromStep,
      world_size: run.worldSize,
      dir: run.dir,
    });
  }

  #opened(): TrainingLogger {
    if (this.#log !== undefined) return this.#log;
    const { metrics: _, ...options } = this.#options;
    const run = this.#run;
    const dir = options.dir ?? (run === undefined ? undefined : join(run.dir, "log"));
    if (dir === undefined) {
      throw new TrainscopeError("ERR_LOG", "The training log has no directory.\nGive it a `dir`, or start it with a run.");
    }
    const ours = run === undefined ? {} : { run: run.runName, rank: run.rank, experiment: options.experiment ?? run.runId };
    this.#log = new TrainingLogger({ ...options, ...ours, dir });
    return this.#log;
  }
}
