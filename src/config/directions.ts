import type { Mode } from "../contract/index.js";
import { errorOf, type Problem } from "./problems.js";
import type { ConfigPath } from "./tree.js";

const HIGHER_IS_BETTER = /^(?:top\d+)?(?:acc|accuracy|f1(?:score)?|auc|auroc|auprc|precision|recall|bleu\d*)$/;
const LOWER_IS_BETTER: ReadonlySet<string> = new Set(["loss", "error", "err"]);

export type Directions = Readonly<Record<string, Mode>>;

/** True for a metric whose name says that higher is better: `val/accuracy`, `val_f1`, `top5_accuracy`, `f1_macro`, `valAuc`. */
export function looksHigherIsBetter(monitor: string): boolean {
  const words = (monitor.split("/").at(-1) ?? "")
    .replace(/([a-z])([A-Z])/g, "$1 $2")
    .replace(/(\d)([A-Z][a-z])/g, "$1 $2")
    .toLowerCase()
    .split(/[^a-z\d]+/);
  return words.some((word) => HIGHER_IS_BETTER.test(word)) && !words.some((word) => LOWER_IS_BETTER.has(word));
}

/** The direction declared for `monitor`: by its whole name, else by ever shorter ends of it, else by its bare name. */
export function declaredDirection(monitor: string, directions: Directions): Mode | undefined {
  const parts = monitor.replace(/^(train|val)_/, "$1/").split("/");
  const names = [monitor, ...parts.map((_, index) => parts.slice(index).join("/"))];
  for (const name of names) if (Object.hasOwn(directions, name)) return directions[name];
  return undefined;
}

/** What is wrong with watching `monitor` when `mode` was left out, or null. */
export function modeProblem(monitor: string, path: ConfigPath, directions: Directions = {}): Problem | null {
  const declared = declaredDirection(monitor, directions);
  if (declared === "min" || (declared === undefined && !looksHigherIsBetter(monitor))) return null;
  const why = declared === "max" ? 'is declared "max" in metrics.directions' : "has a name for which higher is usually better";
  const key = String(path.at(-1));
  const ask = `Set ${key}: "max", or ${key}: "min" if lower is better.`;
  const message = `"${monitor}" ${why}, and ${key} is left out (it would be "min").\n${ask}`;
  return { code: "ERR_MODE_REQUIRED", path, message };
}

/** Throws `ERR_MODE_REQUIRED` where a config that was written by hand watches such a metric and leaves `mode` out. */
export function requireMode(
  given: { monitor: string; mode?: Mode | undefined },
  path: string,
  directions: Directions = {},
): void {
  const problem = given.mode === undefined ? modeProblem(given.monitor, [...path.split("."), "mode"], directions) : null;
  if (problem !== null) throw errorOf([problem]);
}
