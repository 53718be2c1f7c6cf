/**
 * Names that every backend takes: letters, digits and `_ - . space : /`, at most 250 characters, no empty segment.
 * A segment `.` or `..` is refused too: MLflow reads names as paths.
 */
const ALLOWED = /^[\p{L}\p{N}_\-. :/]+$/u;
const MAX_LENGTH = 250;

/** Names that passed are remembered up to this many: a run that makes up names without end must not eat the memory. */
const MAX_REMEMBERED = 10_000;

/** Why `name` cannot be a metric or loader name, or null when it can. */
export function nameFault(name: unknown): string | null {
  if (typeof name !== "string") return `the name is ${name === null ? "null" : `a ${typeof name}`}, not a string`;
  if (name === "") return "the name is empty";
  if (name.length > MAX_LENGTH) return `the name has ${name.length} characters, at most ${MAX_LENGTH} are allowed`;
  if (!ALLOWED.test(name)) return "the name may have letters, digits and _ - . space : / only";
  if (name.startsWith("/") || name.endsWith("/") || name.includes("//")) return "the name has an empty segment";
  if (/(?:^|\/)\.{1,2}(?:\/|$)/.test(name)) return 'the name has a segment "." or ".."';
  return null;
}

/** Checks names and remembers those that passed, so that a name is looked at once. */
export class NameCheck {
  readonly #passed = new Set<string>();

  /** True for a name that passed before: the hot path asks this first. */
  has(name: string): boolean {
    return this.#passed.has(name);
  }

  fault(name: unknown): string | null {
    if (this.#passed.has(name as string)) return null;
    const fault = nameFault(name);
    if (fault === null && this.#passed.size < MAX_REMEMBERED) this.#passed.add(name as string);
    return fault;
  }
}
