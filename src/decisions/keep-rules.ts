/**
 * Which checkpoints are kept.
 * - Rules see the committed checkpoints, oldest first, and name those that they keep; what no rule names is deleted.
 * - Of equal scores the older is the better one; an unranked checkpoint (score null) is never a best.
 */
import type { KeepRule, KeptCheckpoint, Mode } from "../contract/index.js";
import { TrainscopeError } from "../support/errors.js";
import { valueText } from "../support/value-text.js";
import { requireWholeNumber } from "../support/whole-number.js";
import { rankBest, type BestKProgress } from "./best-k.js";

/** Keeps the newest `count` checkpoints; 0 keeps none. Throws `ERR_CONFIG`. */
export function keepLatest(count: number): KeepRule {
  requireWholeNumber(count, 0, "keepLatest(count)", "keepLatest");
  return rule(`latest ${count}`, (checkpoints) => (count === 0 ? [] : checkpoints.slice(-count)));
}

/** Keeps the best `count` of the ranked checkpoints; 0 keeps none. Throws `ERR_CONFIG`. */
export function keepBest(count: number, mode: Mode): KeepRule {
  requireWholeNumber(count, 0, "keepBest(count, mode)", "keepBest");
  if (mode !== "min" && mode !== "max")
    throw configError(`keepBest(count, mode) takes the mode "min" or "max"; found ${valueText(mode)}.`, "keepBest");
  return {
    name: `best ${count} (${mode})`,
    keeps: (checkpoints) => new Set(rankedBest(checkpoints, mode, count).map(({ id }) => id)),
  };
}

/** Keeps the first checkpoint at or after each multiple of `steps` (step 0 is none) for good. Throws `ERR_CONFIG`. */
export function keepEvery(steps: number): KeepRule {
  requireWholeNumber(steps, 1, "keepEvery(steps)", "keepEvery");
  return rule(`every ${steps} steps`, (checkpoints) => {
    let reached = 0;
    return checkpoints.filter(({ step }) => {
      const multiple = Math.floor(step / steps);
      if (multiple <= reached) return false;
      reached = multiple;
      return true;
    });
  });
}

/** Keeps all checkpoints, also those without a score. */
export function keepAll(): KeepRule {
  return rule("all", (checkpoints) => checkpoints);
}

/** Keeps every checkpoint that at least one of `rules` keeps. Throws `ERR_CONFIG` without a rule. */
export function anyOf(...rules: readonly KeepRule[]): KeepRule {
  const foreign = rules.find((one) => typeof (one as Partial<KeepRule> | null)?.keeps !== "function");
  if (rules.length === 0 || foreign !== undefined)
    throw configError(
      `anyOf(…rules) takes keep rules, such as keepLatest(2); found ${rules.length === 0 ? "none" : valueText(foreign)}.`,
      "anyOf",
    );
  return {
    name: rules.map(({ name }) => name).join(" or "),
    keeps: (checkpoints) => new Set(rules.flatMap((one) => [...one.keeps(checkpoints)])),
  };
}

/** The name of the best ranked checkpoint, or null when none is ranked. */
export function bestOf(checkpoints: readonly KeptCheckpoint[], mode: Mode): string | null {
  return rankedBest(checkpoints, mode, 1)[0]?.id ?? null;
}

/** The best `count` of the checkpoints that have a score, best first; of equal scores the older one first. */
export function rankedBest(checkpoints: readonly KeptCheckpoint[], mode: Mode, count: number): BestKProgress {
  let table: BestKProgress = [];
  for (const { name, score } of checkpoints) {
    if (score !== null) table = rankBest({ mode, k: count }, table, { id: name, value: score }).progress;
  }
  return table;
}

function configError(message: string, path: string): TrainscopeError {
  return new TrainscopeError("ERR_CONFIG", message, { path });
}

function rule(name: string, kept: (checkpoints: readonly KeptCheckpoint[]) => readonly KeptCheckpoint[]): KeepRule {
  return { name, keeps: (checkpoints) => new Set(kept(checkpoints).map((checkpoint) => checkpoint.name)) };
}
