import type {
  FitData,
  FitResult,
  GenericTrainerConfig,
  LoggerProtocol,
  Metrics,
  Optimizer,
  ResolvedGenericTrainerConfig,
  RunInfo,
  RunState,
  StepOutputs,
  TrainableModel,
  TrainerView,
} from "../contract/index.js";
import { resolveConfig } from "../config/resolve.js";
import { TrainscopeError, messageOf } from "../support/errors.js";
import { HookManager } from "../hooks/hook-manager.js";
import { silentLogger } from "../loggers/composite/silent.js";
import { singleProcess } from "../ranks/single-process.js";
import { checkModel } from "./check-model.js";
import { TrainerEmitter } from "./events.js";
import { MetricBoard } from "./metric-board.js";
import { Warnings } from "./warnings.js";
import { Progress } from "./progress.js";
import type { RunServices } from "./run.js";
import { newRunInfo } from "./run-info.js";
import { StopDecision, type StopRequest } from "./stop.js";

/**
 * Trains one model once, and lets hooks and loggers watch.
 * The constructor checks what the config and the model show (`ERR_CONFIG`, `ERR_MODE_REQUIRED`, `ERR_NOT_BUILT`, `ERR_MODEL`).
 */
export class GenericTrainer<Batch = unknown> implements TrainerView {
  readonly config: ResolvedGenericTrainerConfig;
  readonly model: TrainableModel<Batch>;
  readonly optimizers: readonly Optimizer[];
  readonly hookManager: HookManager<Batch> = new HookManager<Batch>();
  readonly events: TrainerEmitter;
  readonly #parts: RunServices<Batch>;
  #prepared: Promise<void> | null = null;
  #fitted = false;

  constructor(config: GenericTrainerConfig, model: TrainableModel<Batch>, optimizers: Optimizer | readonly Optimizer[] = []) {
    this.config = resolveConfig(config);
    this.model = model;
    this.optimizers = Array.isArray(optimizers) ? (optimizers as readonly Optimizer[]) : [optimizers as Optimizer];
    checkModel(model, this.optimizers);
    const group = this.config.ranks.group ?? singleProcess;
    const progress = new Progress();
    this.events = new TrainerEmitter((event, error) =>
      notices.listenerThrew(event, `A listener of the event ${event} threw: ${messageOf(error)}`),
    );
    const notices = new Warnings(this.events, progress);
    this.#parts = {
      config: this.config,
      trainer: this,
      model,
      optimizers: this.optimizers,
      hooks: this.hookManager,
      events: this.events,
      warnings: notices,
      group,
      progress,
      requests: { attention: false, checkpoint: null, gradients: false, outputs: false },
      outputs: { current: null },
      stop: new StopDecision(stopLimits(this.config), group, ({ reason }) => {
        progress.stopRequested = null;
        notices.warn(`A stop below minEpochs or minSteps is not kept (${reason}).`);
      }),
      requestStop: (request) => this.#requestStop(request),
      info: newRunInfo(this.config, group.rank, group.worldSize),
      logger: silentLogger,
      board: new MetricBoard({}, []),
      loaders: { train: [], validation: [] },
    };
  }

  /** Where the run stands. */
  get state(): RunState {
    return this.#parts.progress;
  }

  /** What identifies the run; its directory exists from `onTrainStart` on. */
  get run(): RunInfo {
    return this.#parts.info;
  }

  /** All backends as one, from `prepare()` on; what is logged before is not kept. */
  get logger(): LoggerProtocol {
    return this.#parts.logger;
  }

  get metrics(): Metrics {
    return this.#parts.board.latest;
  }

  get loaders(): TrainerView["loaders"] {
    return this.#parts.loaders;
  }

  get outputs(): StepOutputs | null {
    return this.#parts.outputs.current;
  }

  wantGradients(): void {
    this.#parts.requests.gradients = true;
  }

  wantOutputs(): void {
    this.#parts.requests.outputs = true;
  }

  requestStop(reason: string, options: { force?: boolean | undefined } = {}): void {
    this.#requestStop({ reason, kind: options.force === true ? "forced" : "decider" });
  }

  requestCheckpoint(reason: string, options: { keep?: boolean | undefined } = {}): void {
    const { requests } = this.#parts;
    requests.checkpoint = { reason, keep: options.keep === true || requests.checkpoint?.keep === true };
    requests.attention = true;
  }

  /**
   * Imports the hooks and backends that the config names and lets the model check itself; opens nothing. `fit` calls it;
   * a second call returns the first one's promise. Throws `ERR_HOOK_LOAD`, and whatever a hook's constructor throws.
   */
  prepare(): Promise<void> {
    this.#prepared ??= import("./prepare.js").then(({ prepare }) => prepare(this.#parts));
    return this.#prepared;
  }

  /**
   * Trains on `data` until the config's end, a stop, or an interruption, and resolves with the result.
   * Rejects with `ERR_ALREADY_FIT` the second time, with `ERR_LOADER_DATA`, `ERR_UNKNOWN_MONITOR` or `ERR_RUN_EXISTS`
   * before the first step, and with an error that carries `.result` when a hook, the model or a loader threw.
   */
  async fit(data: FitData<Batch>, options: { signal?: AbortSignal | undefined } = {}): Promise<FitResult> {
    if (this.#fitted) {
      throw new TrainscopeError(
        "ERR_ALREADY_FIT",
        "One trainer is one run, and this one has had its fit. Make a new GenericTrainer for another.",
      );
    }
    this.#fitted = true;
    await this.prepare();
    const { composeAndFit } = await import("./compose.js"); // on first use: what only a run needs costs an import nothing
    return composeAndFit(this.#parts, data, options.signal);
  }

  #requestStop(request: StopRequest): void {
    const { stop, requests, progress } = this.#parts;
    stop.request(request);
    requests.attention = true;
    progress.stopRequested ??= request.reason;
    this.events.emit("stopRequested", { reason: request.reason, step: progress.step, epoch: progress.epoch });
  }
}

function stopLimits(config: ResolvedGenericTrainerConfig): ConstructorParameters<typeof StopDecision>[0] {
  const { minEpochs, minSteps = 0, ranks, logging } = config;
  return { minEpochs, minSteps, syncEveryNSteps: ranks.syncEveryNSteps ?? logging.logEveryNSteps, timeoutMs: ranks.timeoutMs };
}
