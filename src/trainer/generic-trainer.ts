import type {
  FitData,
  FitResult,
  GenericTrainerConfig,
  Metrics,
  Optimizer,
  ProcessGroup,
  ResolvedGenericTrainerConfig,
  RunInfo,
  RunState,
  TrainableModel,
  TrainerView,
} from "../contract/index.js";
import { resolveConfig } from "../config/index.js";
import { MultiDataLoader } from "../data/index.js";
import { TrainscopeError, messageOf } from "../errors.js";
import { makeBuiltIns } from "../hooks/built-ins.js";
import { HookManager } from "../hooks/hook-manager.js";
import { loadHooks } from "../hooks/load.js";
import type { TrainerHooks } from "../hooks/trainer-hooks.js";
import { CompositeLogger } from "../loggers/index.js";
import { MetricsManager } from "../metrics/index.js";
import { singleProcess } from "../ranks/index.js";
import { makeBackends } from "./backends.js";
import { checkModel, checkRun, checkShared, prepareModel } from "./checks.js";
import { Context } from "./context.js";
import { TrainerEmitter } from "./events.js";
import { fit } from "./fit.js";
import { Interruption } from "./interruption.js";
import { MetricBoard, ownSeries } from "./metric-board.js";
import { Notices } from "./notices.js";
import { Progress } from "./progress.js";
import { newRunInfo, openRunDirectory, writeConfig } from "./run-directory.js";
import type { Phase, Requests, Run } from "./run.js";
import { Schedule } from "./schedule.js";
import { StopDecision } from "./stop.js";

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
  readonly #group: ProcessGroup;
  readonly #progress = new Progress();
  readonly #requests: Requests = { attention: false, checkpoint: null, gradients: false };
  readonly #notices: Notices;
  readonly #stop: StopDecision;
  #run: RunInfo;
  #logger = new CompositeLogger([]);
  #board = new MetricBoard({}, []);
  #loaders: TrainerView["loaders"] = { train: [], validation: [] };
  #prepared: Promise<void> | null = null;
  #fitted = false;

  constructor(config: GenericTrainerConfig, model: TrainableModel<Batch>, optimizers: Optimizer | readonly Optimizer[] = []) {
    this.config = resolveConfig(config);
    this.model = model;
    this.optimizers = Array.isArray(optimizers) ? (optimizers as readonly Optimizer[]) : [optimizers as Optimizer];
    checkModel(model, this.optimizers);
    this.#group = this.config.ranks.group ?? singleProcess;
    this.#run = newRunInfo(this.config, this.#group.rank, this.#group.worldSize);
    this.events = new TrainerEmitter((event, error) => this.#notices.listenerThrew(event, `A listener of the event ${event} threw: ${messageOf(error)}`));
    this.#notices = new Notices(this.events, this.#progress);
    this.#stop = new StopDecision(stopLimits(this.config), this.#group, ({ reason }) => {
      this.#progress.stopRequested = null;
      this.#notices.warn(`A stop below minEpochs or minSteps is not kept (${reason}).`);
    });
  }

  /** Where the run stands. */
  get state(): RunState {
    return this.#progress;
  }

  /** What identifies the run; its directory exists from `onTrainStart` on. */
  get run(): RunInfo {
    return this.#run;
  }

  /** All backends as one, from `prepare()` on; what is logged before is not kept. */
  get logger(): CompositeLogger {
    return this.#logger;
  }

  get metrics(): Metrics {
    return this.#board.latest;
  }

  get loaders(): TrainerView["loaders"] {
    return this.#loaders;
  }

  wantGradients(): void {
    this.#requests.gradients = true;
  }

  requestStop(reason: string, options: { force?: boolean | undefined } = {}): void {
    this.#ask(reason, options.force === true ? "forced" : "decider");
  }

  requestCheckpoint(reason: string): void {
    this.#requests.checkpoint = reason;
    this.#requests.attention = true;
  }

  /**
   * Imports the hooks and backends that the config names and lets the model check itself; opens nothing. `fit` calls it;
   * a second call returns the first one's promise. Throws `ERR_HOOK_LOAD`, and whatever a hook's constructor throws.
   */
  prepare(): Promise<void> {
    this.#prepared ??= this.#prepare();
    return this.#prepared;
  }

  /**
   * Trains on `data` until the config's end, a stop, or an interruption, and resolves with the result.
   * Rejects with `ERR_ALREADY_FIT` the second time, with `ERR_LOADER_DATA`, `ERR_UNKNOWN_MONITOR` or `ERR_RUN_EXISTS`
   * before the first step, and with an error that carries `.result` when a hook, the model or a loader threw.
   */
  async fit(data: FitData<Batch>, options: { signal?: AbortSignal | undefined } = {}): Promise<FitResult> {
    if (this.#fitted) {
      throw new TrainscopeError("ERR_ALREADY_FIT", "One trainer is one run, and this one has had its fit. Make a new GenericTrainer for another.");
    }
    this.#fitted = true;
    await this.prepare();
    const interruption = new Interruption((reason) => this.#ask(reason, "interrupted"), options.signal);
    const run = this.#compose(data, interruption);
    await checkRun(run);
    this.#run = await openRunDirectory(this.#run);
    if (this.#run.rank === 0) await writeConfig(this.#run);
    return fit(run);
  }

  async #prepare(): Promise<void> {
    for (const hook of await loadHooks<Batch>(this.config.hooks)) this.hookManager.add(hook, "configured");
    for (const hook of await makeBuiltIns(this.config, this.optimizers)) this.hookManager.add(hook as TrainerHooks<Batch>, "built-in");
    await prepareModel(this.model);
    const backends = await makeBackends(this.config, this.#group.rank, (message) => this.#notices.warn(message));
    this.#board = new MetricBoard(directions(this.config), [...this.hookManager.produces, ...this.hookManager.monitors.map(({ monitor }) => monitor)]);
    this.#logger = new CompositeLogger(backends, {
      startTimeoutMs: this.config.logging.startTimeoutMs,
      onBackendFailed: (failure) => {
        this.events.emit("backendFailed", failure);
        this.#notices.warn(`The backend ${failure.backend} failed in ${failure.operation}: ${messageOf(failure.error)}`);
      },
      onPointRefused: (point) => {
        this.events.emit("pointRefused", point);
        this.#notices.warn(`The point "${point.name}" at step ${point.step} was dropped: ${point.reason}`);
      },
      ...(this.#board.tracksLogged ? { onMetrics: (metrics: Metrics) => this.#board.noteLogged(metrics, this.#progress) } : {}),
    });
  }

  #compose(data: FitData<Batch>, interruption: Interruption): Run<Batch> {
    const train = this.#phase(data.train, "train");
    const validation = data.validation === undefined ? null : this.#phase(data.validation, "validation");
    checkShared(data);
    this.#loaders = { train: ownSeries(train.loader.names), validation: ownSeries(validation?.loader.names ?? ["default"]) };
    return {
      config: this.config,
      trainer: this,
      model: this.model,
      hooks: this.hookManager,
      events: this.events,
      logger: this.#logger,
      notices: this.#notices,
      group: this.#group,
      train,
      validation,
      progress: this.#progress,
      context: new Context(this.config.seed, this.#group, interruption.stepSignal),
      requests: this.#requests,
      stop: this.#stop,
      schedule: new Schedule(this.config),
      board: this.#board,
      interruption,
    };
  }

  #phase(loaders: FitData<Batch>["train"], role: "train" | "validation"): Phase<Batch> {
    const { config } = this;
    const { rank } = this.#group;
    const onWarning = (message: string): void => this.#notices.warn(message);
    const loader = new MultiDataLoader<Batch>({ loaders, config: config.trainLoaderConfig, seed: config.seed, rank, role, onWarning });
    const metrics = new MetricsManager({
      loaders: loader.names,
      config: config.metrics,
      expectedProportions: loader.expectedProportions,
      maxPendingScalars: config.logging.maxPendingScalars,
    });
    return { loader, metrics };
  }

  #ask(reason: string, kind: "decider" | "forced" | "interrupted"): void {
    this.#stop.ask({ reason, kind });
    this.#requests.attention = true;
    this.#progress.stopRequested ??= reason;
    this.events.emit("stopRequested", { reason, step: this.#progress.step, epoch: this.#progress.epoch });
  }
}

function stopLimits(config: ResolvedGenericTrainerConfig): ConstructorParameters<typeof StopDecision>[0] {
  const { minEpochs, minSteps = 0, ranks, logging } = config;
  return { minEpochs, minSteps, syncEveryNSteps: ranks.syncEveryNSteps ?? logging.logEveryNSteps, timeoutMs: ranks.timeoutMs };
}

/** What is known of which way is better: declared directions, and the modes of the deciders that are on. */
function directions({ metrics, hooks, earlyStoppingPatience, earlyStoppingMetric, earlyStoppingMode }: ResolvedGenericTrainerConfig): Record<string, "min" | "max"> {
  const { monitor, mode } = hooks.earlyStoppingConfig;
  return {
    ...(earlyStoppingPatience === undefined ? {} : { [earlyStoppingMetric.replace("_", "/")]: earlyStoppingMode }),
    ...(hooks.enableEarlyStoppingHook ? { [monitor]: mode } : {}),
    ...metrics.directions,
  };
}
