/**
 * When to reduce the learning rate.
 * - A reduction is due when bad checks ≥ `patience` (Keras; torch waits for one more). A `patience` of 0 is one of 1.
 * - The `cooldown` checks after a reduction do not count as bad; one that improves still sets the best (torch).
 * - The mark moves only when it is beaten by more than `minDelta`, a number or a share of its absolute value. The first finite value sets it; a value that is not
 *   finite is a bad check and never sets it.
 */
import type { ResolvedReduceLROnPlateauConfig } from "../contract/index.js";
import { improvesOn } from "./direction.js";

/** The rule: a resolved config. In one's own loop, `parseConfig(ReduceLROnPlateauConfig, { patience: 5 })` makes one. */
export type PlateauRule = Omit<ResolvedReduceLROnPlateauConfig, "monitor">;

/** The state of the rule between checks: a plain value that a checkpoint can hold. */
export type PlateauProgress = {
  /** The last value that beat the one before by more than `minDelta`; null before the first finite value. */
  readonly best: number | null;
  /** Checks in a row without improvement since then, or since the last reduction. */
  readonly badChecks: number;
  /** Coming checks that do not count as bad, after a reduction. */
  readonly cooldownLeft: number;
};

/** What one check came to. */
export interface PlateauVerdict {
  /** True: reduce the learning rate now. */
  reduce: boolean;
  /** The value improved by more than `minDelta`, or is the first. */
  improved: boolean;
  /** The progress to pass to the next check. */
  progress: PlateauProgress;
}

/** The progress before the first check. */
export const PLATEAU_START: PlateauProgress = { best: null, badChecks: 0, cooldownLeft: 0 };

/** What one more value means. Pure: the same rule, progress and value give the same verdict. */
export function judgePlateau(
  rule: Pick<PlateauRule, "mode" | "patience" | "minDelta"> & Partial<Pick<PlateauRule, "cooldown">>,
  progress: PlateauProgress,
  value: number,
): PlateauVerdict {
  const { best } = progress;
  const improved = Number.isFinite(value) && (best === null || improvesOn(rule.mode, best, value, rule.minDelta));
  const cooling = progress.cooldownLeft > 0;
  const badChecks = improved || cooling ? 0 : progress.badChecks + 1;
  const reduce = badChecks > 0 && badChecks >= rule.patience;
  const cooldownLeft = reduce ? (rule.cooldown ?? 0) : Math.max(0, progress.cooldownLeft - 1);
  return { reduce, improved, progress: { best: improved ? value : best, badChecks: reduce ? 0 : badChecks, cooldownLeft } };
}

/** The learning rate after a reduction: `rate × factor`, at least `minLr`, and never above `rate`. */
export function reducedRate(rule: Pick<PlateauRule, "factor" | "minLr">, rate: number): number {
  return Math.min(rate, Math.max(rate * rule.factor, rule.minLr));
}
