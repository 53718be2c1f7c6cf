import type { LoggerBackend } from "../contract/index.js";
import { DEFAULT_TIMEOUT_MS, within } from "../support/bounded-wait.js";
import { messageOf, TrainscopeError } from "../support/errors.js";
import { isPromise } from "../support/promises.js";
import { metricsOf } from "./compile.js";
import { addedName, type FitName, fitNames } from "./fit-names.js";
import { compiledOf, type CompiledModel, isTensor } from "./ops.js";
import type { TfjsLayersModel, TfjsTensor } from "./types.js";

/** The `logs` that `model.fit` hands to a callback. */
export type FitLogs = Readonly<Record<string, number | TfjsTensor>>;

/** What `model.fit` tells a callback before it trains; of `fitDataset` samples and batch size are null. */
export interface FitParams {
  /** The names that the logs will have. */
  readonly metrics?: readonly string[] | null;
  /** True where each epoch ends with a validation. */
  readonly doValidation?: boolean | null;
  /** How many samples an epoch has. */
  readonly samples?: number | null;
  /** How many samples one update is made from. */
  readonly batchSize?: number | null;
  /** How many updates an epoch has, where that was given. */
  readonly steps?: number | null;
}

/** What a `FitLog` writes to, and how often. */
export interface FitLogOptions {
  readonly logger: LoggerBackend;
  readonly logEveryNSteps: number;
  readonly initialStep: number | undefined;
  readonly onError: (error: TrainscopeError) => void;
}

const HIDDEN_MODEL =
  "TensorFlow.js tells this callback nothing of the model: there is no learning rate, and metrics are called as in the logs.\n" +
  "Write tfjsCallback(tf, { logger }), and in a list new tf.CustomCallback({ … }) for each plain object.";

/** Keys of the batch logs that are no metrics. */
const NOT_METRICS: ReadonlySet<string> = new Set(["batch", "size"]);

/**
 * Writes what `model.fit` reports to a logger, under the names and on the axes of a trainer.
 * - Counts: a step is a completed batch, and epochs count from 0; both continue over the calls of `fit`.
 * - Reads: values on the device are read at log boundaries and at the end of an epoch only, and nothing is disposed.
 * - Errors: no method throws or rejects; failures of the logger are counted, the first is reported at once, their number at the end.
 */
export class FitLog {
  readonly #options: FitLogOptions;
  #model: CompiledModel | null = null;
  #params: FitParams = {};
  #names = new Map<string, FitName | null>();
  #batchesPerEpoch: number | null = null;
  #step: number | null = null;
  /** The epoch to come, over all calls of `fit`. */
  #nextEpoch = 0;
  /** What is added to the epochs that `fit` counts; null before its first one. */
  #addedEpochs: number | null = null;
  #epoch = 0;
  #epochStartMs = 0;
  #failures = 0;

  constructor(options: FitLogOptions) {
    this.#options = options;
  }

  setParams(params: FitParams): void {
    this.#params = params;
  }

  setModel(model: TfjsLayersModel): void {
    this.#model = compiledOf(model);
  }

  trainBegin(): void {
    this.#guard(() => {
      const { samples, batchSize, steps } = this.#params;
      this.#batchesPerEpoch = steps ?? (samples && batchSize ? Math.ceil(samples / batchSize) : null);
      this.#addedEpochs = null;
      this.#failures = 0;
      if (this.#model === null) this.#options.onError(new TrainscopeError("ERR_CONFIG", HIDDEN_MODEL, { path: "tfjsCallback" }));
      this.#names = namesOf(this.#model, this.#params);
    });
  }

  epochBegin(epoch: number): void {
    this.#addedEpochs ??= Math.max(0, this.#nextEpoch - epoch);
    this.#epoch = epoch + this.#addedEpochs;
    this.#step ??= this.#options.initialStep ?? this.#epoch * (this.#batchesPerEpoch ?? 0);
    this.#epochStartMs = performance.now();
  }

  /** Awaits nothing where the batch is not logged. */
  async batchEnd(batch: number, logs: FitLogs): Promise<void> {
    const step = (this.#step ?? 0) + 1;
    this.#step = step;
    if (step % this.#options.logEveryNSteps !== 0 && batch + 1 !== this.#batchesPerEpoch) return;
    await this.#guardAsync(async () => {
      const record: Record<string, number> = {};
      for (const { split, metric, value } of await this.#read(logs)) record[`${split}/${metric}_step`] = value;
      const rate = (this.#model?.optimizer as { learningRate?: unknown } | undefined)?.learningRate;
      if (typeof rate === "number") record["train/learning_rate"] = rate;
      this.#log(record);
    });
  }

  async epochEnd(logs: FitLogs): Promise<void> {
    const seconds = (performance.now() - this.#epochStartMs) / 1000;
    await this.#guardAsync(async () => {
      const record: Record<string, number> = {};
      for (const { split, metric, value } of await this.#read(logs)) record[`epoch/${split}_${metric}`] = value;
      record["epoch/duration_seconds"] = seconds;
      this.#log(record);
    });
    this.#nextEpoch = this.#epoch + 1;
  }

  /** Waits until the logger has written what it got, 10 s at most. */
  async trainEnd(): Promise<void> {
    await this.#guardAsync(async () => {
      const flushed = this.#options.logger.flush?.({ timeoutMs: DEFAULT_TIMEOUT_MS });
      if (!isPromise(flushed)) return;
      const outcome = await within(flushed, { timeoutMs: DEFAULT_TIMEOUT_MS }, "flush");
      if (!outcome.done) throw outcome.error;
    });
    this.#model = null;
    if (this.#failures > 1) this.#report(`${this.#failures} calls of the logger failed in this training`, undefined);
  }

  async #read(logs: FitLogs): Promise<(FitName & { value: number })[]> {
    const values = Object.entries(logs).map(async ([key, value]) => {
      const name = this.#names.has(key) ? this.#names.get(key) : NOT_METRICS.has(key) ? null : addedName(key);
      if (name === null || name === undefined) return null;
      const read = isTensor(value) ? (await value.data())[0] : value;
      return typeof read === "number" ? { ...name, value: read } : null;
    });
    return (await Promise.all(values)).filter((value) => value !== null);
  }

  #log(record: Readonly<Record<string, number>>): void {
    const returned: unknown = this.#options.logger.logMetrics(record, this.#step ?? 0, { epoch: this.#epoch });
    if (isPromise(returned)) returned.then(undefined, this.#failed);
  }

  #guard(run: () => void): void {
    try {
      run();
    } catch (error) {
      this.#failed(error);
    }
  }

  async #guardAsync(run: () => Promise<void>): Promise<void> {
    await run().catch(this.#failed);
  }

  readonly #failed = (error: unknown): void => {
    this.#failures++;
    if (this.#failures === 1) this.#report(`The logger failed, and model.fit trains on: ${messageOf(error)}`, error);
  };

  #report(message: string, cause: unknown): void {
    this.#options.onError(
      new TrainscopeError("ERR_LOG", message, { path: `tfjsCallback.logger ${this.#options.logger.name}`, cause }),
    );
  }
}

function namesOf(model: CompiledModel | null, { metrics, doValidation }: FitParams): Map<string, FitName | null> {
  if (model === null) return new Map();
  const all = metrics ?? [];
  const labels = doValidation === true ? all.slice(0, all.length / 2) : all;
  const outputs = (model as { outputs?: readonly unknown[] }).outputs?.length ?? 1;
  return fitNames({ labels, metrics: metricsOf(model).map(({ name }) => name), outputs });
}
