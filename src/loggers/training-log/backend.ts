import { join } from "node:path";
import { parseConfig } from "../../config/problems.js";
import type {
  Artifact,
  DeliveryReport,
  LogDestination,
  LoggerBackend,
  Metrics,
  ModelDescription,
  ParamValue,
  PointTime,
  RunControl,
  RunInfo,
  RunStatus,
} from "../../contract/index.js";
import { TrainscopeError } from "../../support/errors.js";
import { userPath } from "../../support/user-path.js";
import { TrainingLogBackendOptions, type LogExtras, type ResolvedTrainingLogBackendOptions } from "./options.js";
import { TrainingLogger } from "./training-logger.js";

const EVENT_LEVELS: ReadonlyMap<string, "warn" | "error"> = new Map([
  ["warning", "warn"],
  ["error", "error"],
]);

/**
 * The training log behind the trainer: metrics, params, text, events, tags, artifacts and the graph as lines of a `TrainingLogger` in
 * `<run directory>/log`, with the run's name, id and rank on each. Histograms and scatters arrive as scalars and text, images are
 * counted. Without a trainer, give it to a `CompositeLogger`: that checks the records and never throws. Points count one each in its
 * report, each other call one; its own first line does not count.
 */
export class TrainingLogBackend implements LoggerBackend {
  /** Always `training-log`: what reports and errors call it. */
  readonly name: string = "training-log";
  readonly #options: Omit<ResolvedTrainingLogBackendOptions, "metrics">;
  readonly #everything: boolean;
  #run: RunInfo | undefined;
  #log: TrainingLogger | undefined;
  /** What the event "runEnd" said; its line is the last one. */
  #end: LogExtras | undefined;
  #closed = false;

  /** Opens nothing. Throws `ERR_CONFIG` for wrong options. */
  constructor(options: TrainingLogBackendOptions = {}) {
    const { metrics, dir, ...rest } = parseConfig(TrainingLogBackendOptions, options, "TrainingLogBackend");
    this.#options = { ...rest, dir: dir === undefined ? undefined : userPath(dir) };
    this.#everything = metrics;
  }

  /** Writes `run started`, or `run resumed`. Throws `ERR_LOG` when the log cannot be opened. */
  start(run: RunInfo, _control?: RunControl): void {
    this.#run = run;
    if (this.#everything) this.#startLine(this.#opened());
  }

  /** The directory of its files. */
  destinations(): readonly LogDestination[] {
    const dir = this.#dir();
    return dir === undefined || !this.#everything ? [] : [{ backend: this.name, location: dir }];
  }

  /** Writes one line with all points of the step. */
  logMetrics(metrics: Metrics, step: number, at?: PointTime): void {
    if (this.#everything && !this.#closed) this.#opened().logPoints(metrics, step, at?.epoch, milliseconds(at));
  }

  /** Writes one line with all params. */
  logParams(params: Readonly<Record<string, ParamValue>>): void {
    if (this.#everything) this.#write("info", "params", { params });
  }

  /** Writes one line with all tags. */
  setTags(tags: Readonly<Record<string, string>>): void {
    if (this.#everything) this.#write("info", "tags", { tags });
  }

  /** Writes one line whose message is the text. */
  setNotes(markdown: string): void {
    if (this.#everything) this.#write("info", markdown, { event: "notes" });
  }

  /** Writes one line with the model's name, size and layers. */
  logGraph(description: ModelDescription): void {
    if (!this.#everything) return;
    const { name, layers, parameterCount } = description;
    this.#write("info", "model", { model: name, parameter_count: parameterCount, layers });
  }

  /** Writes one line that says where the file is; the file itself is not copied. */
  logArtifact(artifact: Artifact, step?: number): void {
    if (this.#everything) this.#write("info", `artifact ${artifact.name}`, { event: "artifact", step, artifact });
  }

  /** Writes one line whose message is the text. */
  logText(name: string, text: string, step: number, at?: PointTime): void {
    this.#write("info", text, { event: "text", name, step, epoch: at?.epoch }, at);
  }

  /**
   * Writes one line. The events "warning" and "error" have that level; `message` of `data` is the line's message, the rest its extras. What
   * "runEnd" says is in the last line.
   */
  logEvent(name: string, data: Readonly<Record<string, unknown>>, step?: number): void {
    const { message, ...extras } = data;
    if (name === "runEnd") {
      this.#end = extras;
      return;
    }
    const text = typeof message === "string" ? message : name;
    this.#write(EVENT_LEVELS.get(name) ?? "info", text, { ...extras, event: name, step: step ?? extras["step"] });
  }

  /** Writes what waits. */
  flush(): DeliveryReport[] | Promise<DeliveryReport[]> {
    return this.#log === undefined ? [this.#nothing()] : this.#log.flush().then((report) => [report]);
  }

  /** Writes how the run ended, and closes the log; later records are ignored. */
  async close(status: RunStatus): Promise<DeliveryReport[]> {
    if (!this.#closed && this.#log !== undefined) this.#endLine(this.#log, status);
    this.#closed = true;
    return this.#log === undefined ? [this.#nothing()] : [await this.#log.close()];
  }

  /** Without a line there is no file, and nothing was delivered to one. */
  #nothing(): DeliveryReport {
    return { backend: this.name, delivered: 0, pending: 0, refused: 0, dropped: 0 };
  }

  #write(level: "info" | "warn" | "error", message: string, extras: LogExtras, at?: PointTime): void {
    if (!this.#closed) this.#opened().write(level, message, extras, milliseconds(at));
  }

  #startLine(log: TrainingLogger): void {
    const run = this.#run;
    if (run === undefined) return;
    log.logOwn(run.attempt > 1 ? "run resumed" : "run started", {
      event: "run_start",
      attempt: run.attempt,
      resumed_from_step: run.resumedFromStep,
      world_size: run.worldSize,
      dir: run.dir,
      ...(run.setup === undefined ? {} : { setup: run.setup }),
      ...(run.environment === undefined ? {} : { environment: run.environment }),
    });
  }

  #endLine(log: TrainingLogger, status: RunStatus): void {
    const fields = { ...this.#end, event: "run_end", status };
    if (this.#end === undefined) log.logOwn(`run ${status}`, fields);
    else log.info(`run ${status}`, fields);
  }

  #dir(): string | undefined {
    return this.#options.dir ?? (this.#run === undefined ? undefined : join(this.#run.dir, "log"));
  }

  #opened(): TrainingLogger {
    if (this.#log !== undefined) return this.#log;
    const options = this.#options;
    const run = this.#run;
    const dir = this.#dir();
    if (dir === undefined) {
      throw new TrainscopeError("ERR_LOG", "The training log has no directory.\nGive it a `dir`, or start it with a run.");
    }
    const ofRun =
      run === undefined
        ? {}
        : { run: run.runName, rank: run.rank, experiment: options.experiment ?? run.config.project ?? run.runId };
    this.#log = new TrainingLogger({ ...options, ...ofRun, dir });
    return this.#log;
  }
}

function milliseconds(at: PointTime | undefined): number | undefined {
  return at?.wallTime === undefined ? undefined : at.wallTime * 1000;
}
