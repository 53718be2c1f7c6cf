import type { Metrics } from "../../contract/index.js";
import type { ConfusionCounts } from "./confusion-counts.js";

/** The scores, in the order in which they are logged. */
export const SCORES = ["precision", "recall", "f1"] as const;

/** From 0 to 1. */
type ClassScores = Readonly<Record<(typeof SCORES)[number], number>>;

/**
 * The scores `<prefix>/precision`, `/recall` and `/f1`, and those of each class, `<prefix>/<part>_f1`, where it has one of `parts`.
 * They are those of scikit-learn's `precision_recall_fscore_support` with `zero_division=0`: with several outputs the means over the classes
 * (`average="macro"`), with one output the scores of class 1 (`average="binary"`). A class that is neither among targets nor among
 * predictions has no scores, and the means leave it out. A prediction of NaN counts as a wrong one. Empty where there is no sample.
 */
export function scoreMetrics(prefix: string, counts: ConfusionCounts, parts: readonly string[]): Metrics {
  const totals = counts.totals();
  const scores: Record<string, number> = {};
  if (totals.samples === 0) return scores;
  const classes = Array.from({ length: counts.classes }, (_, index) =>
    scoresOf(counts.at(index, index), totals.ofPrediction[index] ?? 0, totals.ofTruth[index] ?? 0),
  );
  const counted = (counts.isBinary ? classes.slice(1) : classes).filter((found) => found !== null);
  for (const score of SCORES) {
    scores[`${prefix}/${score}`] = share(
      counted.reduce((sum, found) => sum + found[score], 0),
      counted.length,
    );
    parts.forEach((part, index) => {
      const value = classes[index]?.[score];
      if (value !== undefined) scores[`${prefix}/${part}_${score}`] = value;
    });
  }
  return scores;
}

function scoresOf(hits: number, predicted: number, truly: number): ClassScores | null {
  if (predicted + truly === 0) return null;
  return { precision: share(hits, predicted), recall: share(hits, truly), f1: share(2 * hits, predicted + truly) };
}

function share(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}
