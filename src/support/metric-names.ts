import { TrainscopeError } from "./errors.js";

/** What MLflow takes; the other backends take more. */
const MAX_LENGTH = 250;
/** Names that are parts of a series' name, as in `epoch/<loader>/train_<metric>`: so long that the whole fits. */
const MAX_PART_LENGTHS: ReadonlyMap<string, number> = new Map([
  ["metric", 150],
  ["loader", 80],
]);
const CHARACTERS = "A-Za-z0-9_\\-. :/";
const ALLOWED = new RegExp(`^[${CHARACTERS}]+$`);
const REFUSED = new RegExp(`[^${CHARACTERS}]+`, "g");
const REFUSED_SEGMENTS = new Set([".", "..", "__proto__"]);

/**
 * Why a backend would refuse `name`, and what is allowed, on one line; null for a name that every backend accepts: ASCII letters, digits
 * and `_ - . space : /`, no empty segment, at most 250 characters for a "series", 150 for the "metric" of a model, 80 for a "loader".
 */
export function metricNameProblem(name: string, what = "series"): string | null {
  const maxLength = MAX_PART_LENGTHS.get(what) ?? MAX_LENGTH;
  const problem = problemOf(name, maxLength);
  if (problem === null) return null;
  const room = maxLength === MAX_LENGTH ? "" : `, so that epoch/<loader>/train_<metric> has at most ${MAX_LENGTH}`;
  const allowed = `letters a to z, digits and _ - . space : / in at most ${maxLength} characters${room}`;
  return `The ${what === "series" ? "metric" : what} name ${shown(name)} ${problem}. Allowed: ${allowed}.`;
}

/** Throws `ERR_METRIC_NAME` with what `metricNameProblem` says of `name`. */
export function checkName(name: string, what: string): void {
  const problem = metricNameProblem(name, what);
  if (problem !== null) throw new TrainscopeError("ERR_METRIC_NAME", problem);
}

/** `name`, as a part of a metric name: what backends refuse is replaced by "_", and empty segments are left out. */
export function metricNamePart(name: string): string {
  const segments = name
    .replace(REFUSED, "_")
    .split("/")
    .filter((segment) => segment !== "");
  return segments.length === 0 ? "_" : segments.join("/");
}

function problemOf(name: string, maxLength: number): string | null {
  if (name.length === 0) return "is empty";
  if (name.length > maxLength) return `has ${name.length} characters`;
  if (!ALLOWED.test(name)) return `has ${refusedCharacters(name)}`;
  for (const segment of name.split("/")) {
    if (segment.trim() === "") return 'has an empty segment between, before or after "/"';
    if (REFUSED_SEGMENTS.has(segment)) return `has the segment "${segment}"`;
  }
  return null;
}

function refusedCharacters(name: string): string {
  const refused = [...new Set(name)].filter((character) => !ALLOWED.test(character));
  return refused.map((character) => JSON.stringify(character)).join(", ");
}

function shown(name: string): string {
  return JSON.stringify(name.length > 80 ? `${name.slice(0, 77)}...` : name);
}
