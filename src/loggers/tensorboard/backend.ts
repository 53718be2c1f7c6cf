/**
 * TensorBoard behind the trainer: event files in `<run directory>/tensorboard`.
 * - Everything is on the step axis, epoch values too. Params are the hparams of the run, in the same directory.
 * - A resumed run goes on after the step it was resumed from; what the killed attempt had logged beyond it is removed.
 * - Tags, events and artifacts are text; TensorBoard has no place of its own for them.
 */
import { join } from "node:path";
import type {
  Artifact,
  Bounds,
  DeliveryReport,
  ImageData,
  LoggerBackend,
  Metrics,
  ModelDescription,
  ParamValue,
  PointTime,
  RunControl,
  RunInfo,
  RunStatus,
  TypedArray,
} from "../../contract/index.js";
import { TrainscopeError } from "../../errors.js";
import { artifactData, eventText } from "../convert.js";
import { SummaryWriter, type SummaryWriterOptions } from "./summary-writer.js";

export interface TensorBoardBackendOptions extends Omit<SummaryWriterOptions, "resumeStep"> {
  /** Default `<run directory>/tensorboard`. */
  dir?: string | undefined;
  /** In place of `dir`: where each run has a directory of its name. */
  runsDir?: string | undefined;
}

export class TensorBoardBackend implements LoggerBackend {
  readonly name: string = "tensorboard";
  readonly #options: TensorBoardBackendOptions;
  #writer: SummaryWriter | undefined;
  /** Where texts without a step go. */
  #firstStep = 0;
  #params: Record<string, string | number | boolean> | undefined;

  constructor(options: TensorBoardBackendOptions = {}) {
    this.#options = options;
  }

  /** Throws `ERR_LOG` when another writer of this process has the directory open. */
  start(run: RunInfo, _control?: RunControl): void {
    if (this.#writer !== undefined) return;
    const { runsDir, ...given } = this.#options;
    const own = runsDir === undefined ? join(run.dir, "tensorboard") : join(runsDir, run.runName);
    const { dir = own, ...options } = given;
    const resumeStep = run.resumedFromStep === null ? undefined : run.resumedFromStep + 1;
    this.#writer = new SummaryWriter(dir, { ...options, resumeStep });
    this.#firstStep = run.resumedFromStep ?? 0;
  }

  logMetrics(metrics: Metrics, step: number, at?: PointTime): void {
    this.#open().addScalars(metrics, step, at?.wallTime);
  }

  logHistogram(name: string, values: TypedArray, step: number, at?: PointTime): void {
    this.#open().addHistogram(name, values, step, { wallTime: at?.wallTime });
  }

  logImage(name: string, image: ImageData, step: number, at?: PointTime): void {
    this.#open().addImage(name, image, step, at?.wallTime);
  }

  /** A picture of the points, with axes. */
  logScatter(name: string, x: TypedArray, y: TypedArray, step: number, at?: PointTime): void {
    this.#open().addScatter(name, x, y, step, at?.wallTime);
  }

  logText(name: string, text: string, step: number, at?: PointTime): void {
    this.#open().addText(name, text, step, at?.wallTime);
  }

  logGraph(description: ModelDescription): void {
    this.#open().addGraph(description);
  }

  /** The first call's params are the run's hparams: TensorBoard reads no others. Later ones are a table. */
  logParams(params: Readonly<Record<string, ParamValue>>): void {
    const writer = this.#open();
    if (this.#params !== undefined) return writer.addTable("params", rowsOf(params), this.#firstStep);
    this.#params = {};
    for (const [name, value] of Object.entries(params)) this.#params[name] = value ?? "null";
    writer.addHparams(this.#params);
  }

  setTags(tags: Readonly<Record<string, string>>): void {
    this.#open().addTable("tags", rowsOf(tags), this.#firstStep);
  }

  logArtifact(artifact: Artifact, step?: number): void {
    this.#open().addTable(`artifacts/${artifact.name}`, rowsOf(artifactData(artifact)), step ?? this.#firstStep);
  }

  logEvent(name: string, data: Readonly<Record<string, unknown>>, step?: number): void {
    this.#open().addText(name, eventText(data), step ?? this.#firstStep);
  }

  async flush(bounds?: Bounds): Promise<DeliveryReport[]> {
    await this.#writer?.flush(bounds);
    return this.#reports();
  }

  /** An interrupted run may go on: its hparams session is left open. */
  async close(status: RunStatus, bounds?: Bounds): Promise<DeliveryReport[]> {
    const writer = this.#writer;
    if (writer === undefined) return [];
    if (status === "failed") writer.endHparams("failure");
    await (status === "interrupted" ? writer.suspend(bounds) : writer.close(bounds));
    return this.#reports();
  }

  #reports(): DeliveryReport[] {
    return this.#writer === undefined ? [] : [{ ...this.#writer.report(), backend: this.name }];
  }

  #open(): SummaryWriter {
    if (this.#writer !== undefined) return this.#writer;
    const { dir, runsDir: _perRun, ...options } = this.#options;
    if (dir === undefined) {
      throw new TrainscopeError("ERR_LOG", "TensorBoard has no directory.\nGive it a `dir`, or start it with a run.");
    }
    this.#writer = new SummaryWriter(dir, options);
    return this.#writer;
  }
}

function rowsOf(values: Readonly<Record<string, unknown>>): string[][] {
  return [["name", "value"], ...Object.entries(values).map(([name, value]) => [name, String(value)])];
}
