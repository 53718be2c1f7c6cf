import type { Mode } from "../contract/index.js";
import { TrainscopeError } from "../errors.js";

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
const LARGER_IS_BETTER: ReadonlySet<string> = new Set(["accuracy", "acc", "f1", "auc", "auroc", "precision", "recall", "bleu"]);

/** True when `a` is strictly better than `b`. A value that is not finite is never better, and never beaten by one. */
export function better(mode: Mode, a: number, b: number): boolean {
  return Number.isFinite(a) && (mode === "min" ? a < b : a > b);
}

/**
 * The direction in which `name` gets better, or null when its name does not say. `directions` (by whole name or by any
 * part of it after a "/") decides first; then the words of the last part, the last word first: `val/digits/loss` and
 * `meanSquaredError` are "min", `top5_accuracy` and `f1_macro` are "max".
 */
export function directionOf(name: string, directions: Readonly<Record<string, Mode>> = {}): Mode | null {
  for (let rest = name; ; rest = rest.slice(rest.indexOf("/") + 1)) {
    if (Object.hasOwn(directions, rest)) return directions[rest] ?? null;
    if (!rest.includes("/")) return directionOfWords(wordsOf(rest));
  }
}

/**
 * `mode`, or "min" when it was left out for a metric whose name does not ask for "max".
 * Throws `ERR_MODE_REQUIRED` when it was left out for one that does.
 */
export function modeFor(
  monitor: string,
  mode: Mode | undefined,
  path: string,
  directions?: Readonly<Record<string, Mode>>,
): Mode {
  if (mode !== undefined) return mode;
  if (directionOf(monitor, directions) !== "max") return "min";
  throw new TrainscopeError(
    "ERR_MODE_REQUIRED",
    `"${monitor}" looks like a metric that is better when it is larger, and no mode is given.\nSay mode: "max", or mode: "min" if smaller is better.`,
    { path },
  );
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
