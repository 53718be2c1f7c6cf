export * from "./best-k.js";
export * from "./best-tracker.js";
export * from "./direction.js";
export * from "./early-stopping.js";
export * from "./keep-rules.js";
export * from "./monitor.js";
export * from "./plateau.js";
export * from "./save-rules.js";
export * from "./schedule.js";
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
