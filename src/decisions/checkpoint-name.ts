/** Names of checkpoints: a template like `epoch-{epoch}-step-{step}`. */
import type { Metrics, SaveDetails } from "../contract/index.js";
import { suggest } from "../support/nearest.js";
import { resolveMonitor } from "./monitor.js";

const KEY = /\{([^{}]*)\}/g;
/** Characters that some file system refuses in a name, or would store as others. */
const REFUSED = /[/\\<>:"|?*{}\p{Cc}\p{Cs}]/u;
/** A format of Python behind a key: `:.2f`, `:04d`, `!r`. A metric's name may hold a colon, but hardly such an end. */
const PYTHON_FORMAT =
  /^([^]*?)(?:![rsa])?(?::(?:.?[<>=^])?[-+ ]?#?(?:\d+[,_]?(?:\.\d+)?[bcdeEfFgGnosxX%]|\d*\.\d+[eEfFgG%]?|0\d+)|![rsa])$/;
/** As C, the shell and JavaScript fill in values: here they would stay as they are. */
const OTHER_SYNTAX = /%(?:\(\w*\))?[-+ #0]?\d*(?:\.\d+)?[dfegsxi]|\$\{|\$\w/;
/**
 * The most bytes of a name: file systems allow 255, and a checkpoint is called `.deleting-<name>-<tag>` while it is deleted.
 * A name that exists gets a number too.
 */
const MAX_BYTES = 255 - ".deleting--".length - "01234567-89abcdef".length - "-99999".length;
/** More is not looked at: some patterns take time that grows with the square of the length. */
const MAX_TEMPLATE = 4000;
/** Bytes of a long run's epoch and step, and of a metric with four decimals; more are cut off when they come. */
const USUAL_BYTES = { epoch: 6, step: 10, metric: 10 };

/** What is wrong with `template`, an unknown key or a name that cannot be a directory, or null. */
export function templateProblem(template: string, monitor: string): string | null {
  let bytes = 0;
  if (template.length > MAX_TEMPLATE) return `It has ${template.length} characters, and at most ${MAX_TEMPLATE} are possible.`;
  for (const [, key = ""] of template.matchAll(KEY)) {
    if (!isKey(key, monitor)) return keyProblem(key, monitor);
    bytes += key === "epoch" || key === "step" ? USUAL_BYTES[key] : USUAL_BYTES.metric;
  }
  const literal = template.replace(KEY, "");
  if (OTHER_SYNTAX.test(template))
    return "Only {epoch}, {step} and metrics such as {val/loss} are filled in; % and $ have no meaning here.";
  if (REFUSED.test(literal) || /^\.|\.$|^lost\+found$/.test(template) || template.trim() !== template || template === "") {
    return 'A checkpoint is one directory: no slashes, no braces outside of keys, no characters that a file system refuses (<>:"|?*), no dot or space at either end.';
  }
  bytes += Buffer.byteLength(literal);
  return bytes <= MAX_BYTES
    ? null
    : `The names would have about ${bytes} bytes in UTF-8, and at most ${MAX_BYTES} are possible. Shorten it.`;
}

function isKey(key: string, monitor: string): boolean {
  if (["epoch", "step", monitor].includes(key) || resolveMonitor(key, [monitor]) !== null) return true;
  return /^[^/\s][^/]*\/[^]*[^/\s]$/.test(key) && !PYTHON_FORMAT.test(key);
}

function keyProblem(key: string, monitor: string): string {
  const formatted = PYTHON_FORMAT.exec(key)?.[1] ?? "";
  if (isKey(formatted, monitor))
    return `{${key}} has a format, as Python's format strings do. Write {${formatted}}: epoch and step are written in full, metrics with four decimals.`;
  const known = ["epoch", "step", monitor];
  return `{${key}} is not a key of a file name.\n${suggest(key.trim(), known)}\nA metric is named in full, as {val/loss}.`;
}

/** The metrics that `template` names. */
export function metricsIn(template: string): string[] {
  return [...template.matchAll(KEY)].map(([, key = ""]) => key).filter((key) => key !== "epoch" && key !== "step");
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

/**
 * A key of `template` that this save shows to be misspelt, as a sentence, or null: of its split (`val/`, `train/`) other metrics were
 * measured, and not this one. Whether the run produces the `monitor` is checked where it starts.
 */
export function misspeltKey(template: string, monitor: string, metrics: Metrics): string | null {
  const names = Object.keys(metrics);
  for (const key of metricsIn(template)) {
    if (resolveMonitor(key, [monitor, ...names]) !== null) continue;
    const split = key.slice(0, key.indexOf("/") + 1);
    const measured = names.filter((name) => name.startsWith(split));
    if (measured.length === 0) continue;
    return `There is no metric {${key}}, so that the names of checkpoints have "none" in its place. ${suggest(key, measured)}`;
  }
  return null;
}

/** `name`, cut where it is too long for a file system, and not within a character. */
export function cutName(name: string): string {
  const bytes = Buffer.from(name);
  if (bytes.byteLength <= MAX_BYTES) return name;
  let end = MAX_BYTES;
  while (((bytes[end] as number) & 0xc0) === 0x80) end--;
  return bytes.toString("utf8", 0, end).trimEnd();
}
