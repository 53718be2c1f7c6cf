import type {
  GenericTrainerConfig,
  LoggerProtocol,
  Optimizer,
  ProcessGroup,
  ResolvedGenericTrainerConfig,
  RunInfo,
  StepOutputs,
  TrainableModel,
  TrainerView,
} from "../contract/index.js";
import type { HookManager } from "../hooks/hook-manager.js";
import type { TrainerEmitter } from "./events.js";
import type { MetricBoard } from "./metric-board.js";
import type { RunPaths } from "./paths.js";
import type { Progress } from "./progress.js";
import type { StopDecision, StopRequest } from "./stop.js";
import type { Warnings } from "./warnings.js";

/** What hooks and signals have requested since the last boundary. */
interface Requests {
  /** A stop or a checkpoint was requested: the loop handles it after the current step. */
  attention: boolean;
  checkpoint: { reason: string; keep: boolean } | null;
  gradients: boolean;
  outputs: WantedOutputs;
}

/** What hooks want of the outputs of a batch. */
export type WantedOutputs = "none" | "withoutImages" | "all";

/** The outputs of the current batch, where a hook requested them. */
interface BatchOutputs {
  current: StepOutputs | null;
}

/**
 * What a trainer has from its construction on. `prepare` replaces `logger` and `board`; when `fit` is called, `loaders` and
 * `info` follow from the data and the run's directory. `fit` extends this object to its `Run`.
 */
export interface RunServices<Batch> {
  /** The config as it was given. */
  readonly given: GenericTrainerConfig;
  readonly config: ResolvedGenericTrainerConfig;
  /** True where the user gave the config's seed. */
  readonly hasSeed: boolean;
  readonly paths: RunPaths;
  readonly trainer: TrainerView;
  readonly model: TrainableModel<Batch>;
  readonly optimizers: readonly Optimizer[];
  readonly hooks: HookManager<Batch>;
  readonly events: TrainerEmitter;
  readonly warnings: Warnings;
  readonly group: ProcessGroup;
  readonly progress: Progress;
  readonly requests: Requests;
  readonly outputs: BatchOutputs;
  readonly stop: StopDecision;
  /** Requests the end of the run, for hooks, backends and signals alike. */
  readonly requestStop: (request: StopRequest) => void;
  info: RunInfo;
  logger: LoggerProtocol;
  board: MetricBoard;
  loaders: TrainerView["loaders"];
}
