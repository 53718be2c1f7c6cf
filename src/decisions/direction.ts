import type { MinDelta, Mode } from "../contract/index.js";

const SMALLER_IS_BETTER: ReadonlySet<string> = new Set([
  "loss",
  "error",
  "err",
  "mae",
  "mse",
  "rmse",
  "mape",
  "nll",
  "perplexity",
  "ppl",
]);
const LARGER_IS_BETTER: ReadonlySet<string> = new Set([
  "accuracy",
  "acc",
  "f1",
  "f1score",
  "auc",
  "auroc",
  "auprc",
  "precision",
  "recall",
  "bleu",
]);

/**
 * The direction in which the metric `name` improves, or null when its name does not say. `directions` (by whole name or by any
 * part of it after a "/") decides first; then the words of the last part, the last word first: `val/digits/loss` and
 * `meanSquaredError` are "min", `top5_accuracy` and `f1_macro` are "max". `val_loss` is `val/loss`.
 */
export function directionOf(name: string, directions: Readonly<Record<string, Mode>> = {}): Mode | null {
  if (Object.hasOwn(directions, name)) return directions[name] ?? null;
  for (let rest = name.replace(/^(train|val)_/, "$1/"); ; rest = rest.slice(rest.indexOf("/") + 1)) {
    if (Object.hasOwn(directions, rest)) return directions[rest] ?? null;
    if (!rest.includes("/")) return directionOfWords(wordsOf(rest));
  }
}

/** The problem of a missing mode for `monitor`, or null when the default "min" is right. `key` is the option that lacks it. */
export function missingMode(monitor: string, directions?: Readonly<Record<string, Mode>>, key = "mode"): string | null {
  if (directionOf(monitor, directions) !== "max") return null;
  const source = directionOf(monitor) === "max" ? "its name" : "metrics.directions";
  return `"${monitor}" is a metric that is better when it is higher, by ${source}, and no ${key} is given.\nSet ${key}: "max", or ${key}: "min" if lower is better.`;
}

function wordsOf(part: string): string[] {
  return part
    .replace(/([a-z0-9])([A-Z])/g, "$1 $2")
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== "");
}

function directionOfWords(words: readonly string[]): Mode | null {
  const known = words.map(directionOfWord);
  const last = known.at(-1) ?? null;
  if (last !== null) return last;
  const found = new Set(known.filter((mode) => mode !== null));
  return found.size === 1 ? ([...found][0] ?? null) : null;
}

/** `bleu4` and `top5accuracy` count as their metric. */
function directionOfWord(word: string): Mode | null {
  const bare = SMALLER_IS_BETTER.has(word) || LARGER_IS_BETTER.has(word) ? word : word.replace(/\d+$/, "");
  if (SMALLER_IS_BETTER.has(bare) || /(loss|error|perplexity)$/.test(bare)) return "min";
  if (LARGER_IS_BETTER.has(bare) || /(accuracy|precision|recall)$/.test(bare)) return "max";
  return null;
}

/** True when `a` is strictly better than `b`. A value that is not finite is never better, and never beaten by one. */
export function better(mode: Mode, a: number, b: number): boolean {
  return Number.isFinite(a) && (mode === "min" ? a < b : a > b);
}

/**
 * True when `value` is better than `best` by more than `minDelta`: a number, or a share of |best|. So the mark lies beyond a negative best
 * too, where that of torch, ignite and torchtnt (best × (1 ± share)) lies on its wrong side.
 */
export function improvesOn(mode: Mode, best: number, value: number, minDelta: MinDelta): boolean {
  const delta = typeof minDelta === "number" ? minDelta : Math.abs(best) * minDelta.relative;
  return better(mode, value, mode === "min" ? best - delta : best + delta);
}

/** A `minDelta` in a sentence: "by more than …". */
export function deltaText(minDelta: MinDelta): string {
  if (typeof minDelta === "number") return String(minDelta);
  return `${Number((minDelta.relative * 100).toPrecision(6))} % of the best value`;
}
