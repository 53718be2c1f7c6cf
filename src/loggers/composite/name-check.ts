import { checkName } from "../../support/metric-names.js";
import { isTrainscopeError } from "../../support/errors.js";

/** Names that are remembered: a run that makes up names without end must not eat the memory. */
const MAX_REMEMBERED = 10_000;

/** Checks metric names by the one rule for names, and remembers the answers, so that a name is looked at once. */
export class NameCheck {
  readonly #passed = new Set<string>();
  readonly #faults = new Map<string, string>();

  /** True for a name that passed before: the hot path asks this first. */
  has(name: string): boolean {
    return this.#passed.has(name);
  }

  /** Why `name` cannot be a metric's, or null when it can. */
  fault(name: unknown): string | null {
    if (typeof name !== "string") return `The name is ${name === null ? "null" : `a ${typeof name}`}, not a string.`;
    if (this.#passed.has(name)) return null;
    const known = this.#faults.get(name);
    if (known !== undefined) return known;
    const fault = faultOf(name);
    if (fault !== null) {
      if (this.#faults.size < MAX_REMEMBERED) this.#faults.set(name, fault);
    } else if (this.#passed.size < MAX_REMEMBERED) {
      this.#passed.add(name);
    }
    return fault;
  }
}

function faultOf(name: string): string | null {
  try {
    checkName(name, "metric");
    return null;
  } catch (error) {
    if (!isTrainscopeError(error)) throw error;
    return error.message
      .replace(error.code, "")
      .trim()
      .replaceAll(/\s*\n\s*/g, " ");
  }
}
