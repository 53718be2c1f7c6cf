import type {
  LoggerProtocol,
  Optimizer,
  ProcessGroup,
  ResolvedGenericTrainerConfig,
  RunInfo,
  StepOutputs,
  TrainableModel,
  TrainerView,
} from "../contract/index.js";
import type { MultiDataLoader } from "../data/index.js";
import type { HookManager } from "../hooks/hook-manager.js";
import type { MetricsManager } from "../metrics/index.js";
import type { Checkpointing } from "./checkpointing.js";
import type { Context } from "./context.js";
import type { TrainerEmitter } from "./events.js";
import type { Interruption } from "./interruption.js";
import type { MetricBoard } from "./metric-board.js";
import type { Warnings } from "./warnings.js";
import type { Progress } from "./progress.js";
import type { LoopPhase } from "./saved-run.js";
import type { Schedule } from "./schedule.js";
import type { StopDecision, StopRequest } from "./stop.js";

/** What hooks and signals have asked for since the last boundary. */
export interface Requests {
  /** Something below waits: the loop looks at it after the current step. */
  attention: boolean;
  checkpoint: { reason: string; keep: boolean } | null;
  gradients: boolean;
  outputs: boolean;
}

/** The outputs of the batch that hooks are being told of, where one of them wanted them. */
export interface BatchOutputs {
  current: StepOutputs | null;
}

/** What a trainer has from its construction on; `prepare` and `fit` fill in the last four. */
export interface RunServices<Batch> {
  readonly config: ResolvedGenericTrainerConfig;
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
  /** Asks the run to stop, whoever it is that wants it. */
  readonly requestStop: (request: StopRequest) => void;
  info: RunInfo;
  logger: LoggerProtocol;
  board: MetricBoard;
  loaders: TrainerView["loaders"];
}

/** The loaders of one family and what is measured on them. */
export interface DataSplit<Batch> {
  readonly loader: MultiDataLoader<Batch>;
  readonly metrics: MetricsManager;
}

/** Everything that one `fit` works with. */
export interface Run<Batch> extends Readonly<RunServices<Batch>> {
  readonly train: DataSplit<Batch>;
  readonly validation: DataSplit<Batch> | null;
  readonly context: Context;
  readonly schedule: Schedule;
  readonly interruption: Interruption;
  readonly checkpoints: Checkpointing<Batch>;
  /** Where the saved run was that this one goes on from; null: it starts afresh. */
  resumed: LoopPhase | null;
  /** Sent to every backend once it is open. */
  readonly tags: Record<string, string>;
}
