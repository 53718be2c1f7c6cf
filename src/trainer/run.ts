import type { ProcessGroup, ResolvedGenericTrainerConfig, TrainableModel, TrainerView } from "../contract/index.js";
import type { MultiDataLoader } from "../data/index.js";
import type { HookManager } from "../hooks/hook-manager.js";
import type { CompositeLogger } from "../loggers/index.js";
import type { MetricsManager } from "../metrics/index.js";
import type { Context } from "./context.js";
import type { TrainerEmitter } from "./events.js";
import type { Interruption } from "./interruption.js";
import type { MetricBoard } from "./metric-board.js";
import type { Notices } from "./notices.js";
import type { Progress } from "./progress.js";
import type { Schedule } from "./schedule.js";
import type { StopDecision } from "./stop.js";

/** What hooks and signals have asked for since the last boundary. */
export interface Requests {
  /** Something below waits: the loop looks at it after the current step. */
  attention: boolean;
  checkpoint: string | null;
  gradients: boolean;
}

/** The loaders of one family and what is measured on them. */
export interface Phase<Batch> {
  readonly loader: MultiDataLoader<Batch>;
  readonly metrics: MetricsManager;
}

/** Everything that one `fit` works with. */
export interface Run<Batch> {
  readonly config: ResolvedGenericTrainerConfig;
  readonly trainer: TrainerView;
  readonly model: TrainableModel<Batch>;
  readonly hooks: HookManager<Batch>;
  readonly events: TrainerEmitter;
  readonly logger: CompositeLogger;
  readonly notices: Notices;
  readonly group: ProcessGroup;
  readonly train: Phase<Batch>;
  readonly validation: Phase<Batch> | null;
  readonly progress: Progress;
  readonly context: Context;
  readonly requests: Requests;
  readonly stop: StopDecision;
  readonly schedule: Schedule;
  readonly board: MetricBoard;
  readonly interruption: Interruption;
}
