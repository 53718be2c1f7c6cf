/** What config keys of rules take, where that is more than a number or a choice. */

/** How much better a value must be to count as an improvement: by more than a number, or by more than a share of the best value's size. */
export type MinDelta = number | RelativeDelta;

/** A threshold that grows and shrinks with the best value. */
export interface RelativeDelta {
  /** A share of the best value's absolute value, from 0 to below 1: with 0.01 a loss of 2 must fall below 1.98, one of -2 below -2.02. */
  relative: number;
}

/**
 * The learning rate of the step that follows `step` completed ones. `totalSteps`: the steps of the schedule, Infinity where the length of the
 * run is not known; where several batches make a step, it is found from the steps so far, and is the number of batches before the first. `baseRate`: the rate that the optimizer started with, so that several of them can differ. It may depend on nothing
 * else: a resumed run calls it from its step on.
 */
export type RateFunction = (step: number, totalSteps: number, baseRate: number) => number;
