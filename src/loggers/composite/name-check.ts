import { redactText } from "../../config/redact.js";
import { metricNameProblem } from "../../support/metric-names.js";
import { valueText } from "../../support/value-text.js";

/** Names that are remembered: a run that makes up names without end must not fill the memory. */
const MAX_REMEMBERED = 10_000;
/** Longer names are not remembered: none of them passes. */
const MAX_LENGTH = 250;

/** Checks metric names by the one rule for names, and remembers the answers, so that each name is judged once. */
export class NameCheck {
  readonly #passed = new Set<string>();
  readonly #problems = new Map<string, string>();

  /** True for a name that passed before: the hot path checks this first. */
  has(name: string): boolean {
    return this.#passed.has(name);
  }

  /** Why `name` cannot be a metric's, or null when it can. */
  problem(name: unknown): string | null {
    if (typeof name !== "string") return `The name is ${valueText(name)}, not a string.`;
    if (this.#passed.has(name)) return null;
    const known = this.#problems.get(name);
    if (known !== undefined) return known;
    const problem = metricNameProblem(name) ?? secretProblem(name);
    if (problem !== null) {
      if (this.#problems.size < MAX_REMEMBERED && name.length <= MAX_LENGTH) this.#problems.set(name, problem);
    } else if (this.#passed.size < MAX_REMEMBERED) {
      this.#passed.add(name);
    }
    return problem;
  }
}

/** A name is a key in every backend's files, so one with a secret in it cannot be shown in part. */
function secretProblem(name: string): string | null {
  const shown = redactText(name);
  return shown === name ? null : `The metric name "${shown}" holds what looks like a secret. Name it without that.`;
}
