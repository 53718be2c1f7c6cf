import { TrainscopeError } from "./errors.js";

const MAX_LENGTH = 250;
const CHARACTERS = "A-Za-z0-9_\\-. :/";
const ALLOWED = new RegExp(`^[${CHARACTERS}]+$`);
const REFUSED = new RegExp(`[^${CHARACTERS}]+`, "g");
const REFUSED_SEGMENTS = new Set([".", "..", "__proto__"]);

/** Why a backend would refuse `name`, and what is allowed, on one line; null for a name that every backend accepts (see `checkName`). */
export function metricNameProblem(name: string, what = "metric"): string | null {
  const problem = problemOf(name);
  if (problem === null) return null;
  const allowed = `letters a to z, digits and _ - . space : / in at most ${MAX_LENGTH} characters`;
  return `The ${what} name ${shown(name)} ${problem}. Allowed: ${allowed}.`;
}

/**
 * Throws `ERR_METRIC_NAME` unless every backend accepts `name`: ASCII letters, digits and `_ - . space : /`, at most 250 characters,
 * no empty segment. `what` says in the message whose name it is (`metric`, `loader`).
 */
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

function problemOf(name: string): string | null {
  if (name.length === 0) return "is empty";
  if (name.length > MAX_LENGTH) return `has ${name.length} characters`;
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
