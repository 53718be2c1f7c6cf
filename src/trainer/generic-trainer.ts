import type {
  CheckpointRequestOptions as SaveInput,
  FitData,
  FitResult,
  GenericTrainerConfig,
  LoggerProtocol,
  Measurement,
  Metrics,
  Optimizer,
  ResolvedGenericTrainerConfig,
  RunInfo,
  RunState,
  StepOutputs,
  OutputRequestOptions as OutputRequestInput,
  StopOptions as StopInput,
  TrainableModel,
  TrainerView,
} from "../contract/index.js";
import { parseConfig } from "../config/problems.js";
import { redactText } from "../config/redact.js";
import { resolveConfig } from "../config/resolve.js";
import { TrainscopeError, messageOf } from "../support/errors.js";
import { valueText } from "../support/value-text.js";
import { HookManager } from "../hooks/hook-manager.js";
import { silentLogger } from "../loggers/composite/silent.js";
import { singleProcess } from "../ranks/single-process.js";
import { checkModel, checkOrder } from "./check-model.js";
import { TrainerEmitter } from "./events.js";
import { MetricBoard } from "./metric-board.js";
import { abandonable } from "./abandonable.js";
import { CheckpointRequestOptions, FitOptions, OutputRequestOptions, StopOptions } from "./options.js";
import { pathsOf } from "./paths.js";
import { Progress } from "./progress.js";
import { newRunInfo } from "./run-info.js";
import type { RunServices } from "./run-services.js";
import { StopDecision, type StopLimits, type StopRequest } from "./stop.js";
import { Warnings } from "./warnings.js";

/**
 * Trains a model, and lets hooks, loggers and listeners follow it. One trainer trains one run.
 * - The constructor checks what the config and the model show, `prepare` what needs imports, `fit` what needs the data: all of it
 *   before the first step.
 * - A failure in a hook, the model or a loader ends the run; `onException`, `onTrainEnd` and every backend's `close` still run.
 * - A failing backend ends nothing: it is reported, and the others continue.
 * - SIGINT, SIGTERM and SIGHUP stop the run after the current step; a second SIGINT or SIGTERM abandons the step. The process is never
 *   ended. SIGHUP is left to a program that listens to it.
 */
export class GenericTrainer<Batch = unknown> implements TrainerView {
  /** The config with every default filled in. */
  readonly config: ResolvedGenericTrainerConfig;
  /** The model, as it was given. */
  readonly model: TrainableModel<Batch>;
  /** The optimizers, in the order in which they were given; a hook may set their `learningRate`. */
  readonly optimizers: readonly Optimizer[];
  /** The hooks of the run: register your own here, also during the run. */
  readonly hookManager: HookManager<Batch> = new HookManager<Batch>();
  /** Events for live views: `trainer.events.on("interval", …)`. What a listener throws becomes a warning. */
  readonly events: TrainerEmitter;
  readonly #services: RunServices<Batch>;
  #prepared: Promise<void> | null = null;
  #fitted = false;
  /** A listener of `stopRequested` may request a stop too: that is no further event. */
  #emittingStop = false;

  /**
   * Checks the config, the model and the optimizers; imports and opens nothing.
   * Throws `ERR_CONFIG`, `ERR_MODE_REQUIRED` or `ERR_NOT_BUILT` for the config, with every problem in one error; `ERR_MODEL` for a
   * model without `trainStep`, `state` and `loadState`, and for an optimizer without `name` and `learningRate`.
   */
  constructor(config: GenericTrainerConfig, model: TrainableModel<Batch>, optimizers: Optimizer | readonly Optimizer[] = []) {
    checkOrder(config);
    this.config = resolveConfig(config);
    this.model = model;
    this.optimizers = Array.isArray(optimizers) ? (optimizers as readonly Optimizer[]) : [optimizers as Optimizer];
    checkModel(model, this.optimizers);
    const group = this.config.ranks.group ?? singleProcess;
    const progress = new Progress();
    this.events = new TrainerEmitter((event, error) =>
      warnings.listenerThrew(event, `A listener of the event ${event} threw: ${messageOf(error)}`),
    );
    const warnings = new Warnings(this.events, progress);
    this.#services = {
      given: config,
      config: this.config,
      hasSeed: config.seed !== undefined,
      paths: pathsOf(this.config),
      trainer: this,
      model,
      optimizers: this.optimizers,
      hooks: this.hookManager,
      events: this.events,
      warnings,
      group,
      progress,
      requests: { attention: false, checkpoint: null, gradients: false, outputs: "none" },
      outputs: { current: null },
      stop: new StopDecision(stopLimits(this.config), group, ({ reason }) => {
        progress.stopRequested = null;
        warnings.warn(`A request to stop before minEpochs or minSteps is dropped (${reason}).`);
      }),
      requestStop: (request) => this.#requestStop(request),
      info: newRunInfo(this.config, group.rank, group.worldSize),
      logger: silentLogger,
      board: new MetricBoard({}, []),
      loaders: { train: [], validation: [] },
    };
  }

  /** Where the run is: step, epoch, samples, seconds. One object, updated by the loop. */
  get state(): RunState {
    return this.#services.progress;
  }

  /** What identifies the run. Its directory exists from `onTrainStart` on. */
  get run(): RunInfo {
    return this.#services.info;
  }

  /** All backends as one, from `prepare()` on. What is logged before is discarded. */
  get logger(): LoggerProtocol {
    return this.#services.logger;
  }

  /** The last values by monitor name: `train/loss`, `val/loss`, `val/<loader>/loss`, `train/learning_rate`, … */
  get metrics(): Metrics {
    return this.#services.board.latest;
  }

  /** The last value of a metric, with the step of the weights that it was measured on; null where it has none. */
  measurement(name: string): Measurement | null {
    return this.#services.board.measurement(name);
  }

  /**
   * Adds metrics by monitor name (`val/f1`), as measured on the present weights: in `onValidationEnd` for `val/…`, in `onTrainEpochEnd` for
   * `train/…`. They count like the model's own until the next epoch or validation ends. Throws `ERR_METRIC_NAME` for another name,
   * elsewhere, and for a name that has a value already; `ERR_METRIC_VALUE` for a value that is no number.
   */
  addMetrics(metrics: Metrics): void {
    this.#services.board.addMeasured(metrics, this.#services.progress);
  }

  /** The names of the loaders that have series of their own; one unnamed loader has none. Empty until `fit` is called. */
  get loaders(): TrainerView["loaders"] {
    return this.#services.loaders;
  }

  /**
   * Predictions, targets and images of the current batch, where a hook called `wantOutputs` for it; else null. Valid in
   * `onTrainBatchEnd` and `onValidationBatchEnd`, during the call only.
   */
  get outputs(): StepOutputs | null {
    return this.#services.outputs.current;
  }

  /** Requests the gradients of one step, for `model.gradients()`: from `onTrainBatchStart` of this step, else of the next. */
  wantGradients(): void {
    this.#services.requests.gradients = true;
  }

  /**
   * Requests the outputs of one batch: from `onTrainBatchStart` of this batch; from `onValidationStart` and
   * `onValidationBatchEnd` of the next batch of that validation. Throws `ERR_CONFIG` for an unknown option.
   */
  wantOutputs(options: OutputRequestInput = {}): void {
    const { images } = parseConfig(OutputRequestOptions, options, "wantOutputs");
    const { requests } = this.#services;
    if (images) requests.outputs = "all";
    else if (requests.outputs === "none") requests.outputs = "withoutImages";
  }

  /**
   * Requests the end of the run after this step, or after this epoch's hooks when called at its end; `reason` becomes
   * `result.reason`. Before `minEpochs` and `minSteps` a request is dropped with a warning, unless it is forced. Throws `ERR_CONFIG` for
   * an unknown option.
   */
  requestStop(reason: string, options: StopInput = {}): void {
    const { force } = parseConfig(StopOptions, options, "requestStop");
    this.#requestStop({ reason: reasonText(reason, "requestStop"), kind: force ? "forced" : "decider" });
  }

  /**
   * Requests a checkpoint at the next boundary. While one is being written, requests wait, and the newest replaces older ones.
   * `reason` appears in warnings. Throws `ERR_CONFIG` for an unknown option.
   */
  requestCheckpoint(reason: string, options: SaveInput = {}): void {
    const { requests } = this.#services;
    const { keep } = parseConfig(CheckpointRequestOptions, options, "requestCheckpoint");
    requests.checkpoint = { reason: reasonText(reason, "requestCheckpoint"), keep: keep || requests.checkpoint?.keep === true };
    requests.attention = true;
  }

  /**
   * Imports the hooks and backends that the config names and lets the model check itself; opens nothing. `fit` calls it; a second
   * call returns the promise of the first.
   * Rejects with `ERR_HOOK_LOAD`, `ERR_MODEL`, and with `ERR_CONFIG` of a hook's or backend's options.
   */
  prepare(): Promise<void> {
    this.#prepared ??= import("./prepare.js").then(({ prepare }) => prepare(this.#services));
    return this.#prepared;
  }

  /**
   * Trains on `data` until the config's end, a stop, or an interruption, and resolves with the result.
   * Before the first step it rejects with `ERR_LOADER_DATA`, `ERR_UNKNOWN_MONITOR`, `ERR_MODEL`, `ERR_RUN_EXISTS`, `ERR_RUN_DIR`,
   * `ERR_RUN_LOCKED`, `ERR_RESUME`, `ERR_CHECKPOINT_LOCKED`, with what `prepare` rejects with, and with `ERR_ALREADY_FIT` when it is called again.
   * When a hook, the model or a loader threw, it rejects with an error that names the place, has the original as `cause`, and
   * says in `result` how far the run came.
   */
  async fit(data: FitData<Batch>, options: FitOptions = {}): Promise<FitResult> {
    const { checkData } = await import("./check-data.js"); // on first use: importing the package need not load what only a run needs
    checkData(data); // before the options: fit(xs, ys) has targets in their place
    const parsed = parseConfig(FitOptions, options, "fit");
    if (this.#fitted) {
      throw new TrainscopeError(
        "ERR_ALREADY_FIT",
        "This trainer was fit before, and one trainer trains one run. Make a new GenericTrainer for another run.",
      );
    }
    this.#fitted = true;
    await abandonable(this.prepare(), parsed);
    const { composeAndFit } = await import("./compose.js"); // likewise
    return composeAndFit(this.#services, data, parsed);
  }

  #requestStop({ reason, kind }: StopRequest): void {
    const { stop, requests, progress } = this.#services;
    const request = { reason: redactText(reason), kind };
    stop.request(request);
    requests.attention = true;
    progress.stopRequested ??= request.reason;
    if (this.#emittingStop) return;
    this.#emittingStop = true;
    this.events.emit("stopRequested", { reason: request.reason, step: progress.step, epoch: progress.epoch });
    this.#emittingStop = false;
  }
}

/** A reason is for people: a request without one is still a request. Options in its place would do nothing. */
function reasonText(reason: unknown, method: string): string {
  if (typeof reason === "string" && reason.trim() !== "") return reason;
  if (reason === undefined || reason === null || typeof reason === "string") return "no reason was given";
  if (typeof reason !== "object") return valueText(reason);
  if (reason instanceof Error) return messageOf(reason);
  throw new TrainscopeError(
    "ERR_CONFIG",
    `Found ${valueText(reason)} as the reason. Write ${method}("why", { … }), the options behind it.`,
    { path: method },
  );
}

function stopLimits(config: ResolvedGenericTrainerConfig): StopLimits {
  const { minEpochs, minSteps = 0, ranks, logging } = config;
  return { minEpochs, minSteps, syncEveryNSteps: ranks.syncEveryNSteps ?? logging.logEveryNSteps, timeoutMs: ranks.timeoutMs };
}
