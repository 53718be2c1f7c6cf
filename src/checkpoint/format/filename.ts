/** Names of checkpoints: a template like `epoch-{epoch}-step-{step}`. */
import type { SaveDetails } from "../../contract/index.js";
import { resolveMonitor } from "../../decisions/index.js";
import { suggest } from "../../support/nearest.js";

const KEY = /\{([^{}]*)\}/g;
/** Characters that some file system refuses in a name. */
const REFUSED = /[/\\<>:"|?*{}\p{Cc}]/u;

/** What is wrong with `template`, an unknown key or a name that cannot be a directory, or null. */
export function templateProblem(template: string, monitor: string): string | null {
  for (const [, key = ""] of template.matchAll(KEY)) {
    const known = ["epoch", "step", monitor];
    if (known.includes(key) || resolveMonitor(key, [monitor]) !== null || /^[^/]+\/[^]*[^/]$/.test(key)) continue;
    return `{${key}} is not a key of a file name.\n${suggest(key, known)}\nA metric is named in full, as {val/loss}.`;
  }
  const literal = template.replace(KEY, "");
  if (REFUSED.test(literal) || template.startsWith(".") || template.trim() !== template || template === "") {
    return 'A checkpoint is one directory: no slashes, no characters that a file system refuses (<>:"|?*), no dot or space at the beginning.';
  }
  return null;
}

/** The name of one save: metrics with 4 decimals, "none" where there is none; every `/` becomes a `_`. */
export function nameAt(template: string, at: SaveDetails): string {
  return template
    .replace(KEY, (_, key: string) => {
      if (key === "epoch") return String(at.epoch);
      if (key === "step") return String(at.step);
      const found = resolveMonitor(key, at.metrics ?? {});
      const value = found === null ? undefined : at.metrics?.[found];
      return value === undefined ? "none" : value.toFixed(4);
    })
    .replaceAll("/", "_");
}
