export { rankBest, type BestKProgress, type BestKRule, type BestKVerdict, type Ranked } from "./best-k.js";
export { BestTracker } from "./best-tracker.js";
export { better, directionOf } from "./direction.js";
export {
  EARLY_STOP_START,
  judgeEarlyStopping,
  type BestSeen,
  type EarlyStopProgress,
  type EarlyStopRule,
  type EarlyStopVerdict,
  type MeasuredAt,
  type StopKind,
} from "./early-stopping.js";
export { anyOf, bestOf, keepAll, keepBest, keepEvery, keepLatest, rankedBest } from "./keep-rules.js";
export { resolveMonitor } from "./monitor.js";
export {
  judgePlateau,
  PLATEAU_START,
  reducedRate,
  type PlateauProgress,
  type PlateauRule,
  type PlateauVerdict,
} from "./plateau.js";
export { anyOfSave, everyMinutes, everyNEpochs, everyNSteps } from "./save-rules.js";
export { learningRateAt, needsTotalSteps, type LearningRateSchedule } from "./schedule.js";
export {
  DIVERGENCE_START,
  isRising,
  judgeDivergence,
  robustSlope,
  type DivergenceProgress,
  type DivergenceRule,
  type DivergenceVerdict,
  type RisingRule,
} from "./trend.js";
