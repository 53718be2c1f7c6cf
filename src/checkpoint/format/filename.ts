/** Names of checkpoints: a template like `epoch-{epoch}-step-{step}`. */
import type { CheckpointMoment } from "../../contract/index.js";
import { resolveMonitor } from "../../decisions/index.js";
import { TrainscopeError } from "../../support/errors.js";
import { suggest } from "../../support/nearest.js";

const KEY = /\{([^{}]*)\}/g;
/** What some file system refuses in a name. */
const REFUSED = /[/\\<>:"|?*{}\p{Cc}]/u;

/** Throws `ERR_CONFIG` for an unknown key, or for a name that cannot be a directory. */
export function checkTemplate(template: string, monitor: string): void {
  for (const [, key = ""] of template.matchAll(KEY)) {
    const known = ["epoch", "step", monitor];
    if (known.includes(key) || resolveMonitor(key, [monitor]) !== null || /^[^/]+\/[^]*[^/]$/.test(key)) continue;
    throw configError(`{${key}} is not a key of a file name.\n${suggest(key, known)}\nA metric is named in full, as {val/loss}.`);
  }
  const literal = template.replace(KEY, "");
  if (REFUSED.test(literal) || template.startsWith(".") || template.trim() !== template || template === "") {
    throw configError(
      `Found ${JSON.stringify(template)}.\nA checkpoint is one directory: no slashes, no characters that a file system refuses (<>:"|?*), no dot or space at its beginning.`,
    );
  }
}

/** The name at one moment: metrics with 4 decimals, "none" where there is none; every `/` is a `_`. */
export function nameAt(template: string, at: CheckpointMoment): string {
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

/** `name`, or `name-2`, `name-3`, … when it is taken. */
export function freeName(name: string, taken: ReadonlySet<string>): string {
  if (!taken.has(name)) return name;
  let count = 2;
  while (taken.has(`${name}-${count}`)) count++;
  return `${name}-${count}`;
}

function configError(message: string): TrainscopeError {
  return new TrainscopeError("ERR_CONFIG", message, { path: "filename" });
}
