import type { Metrics } from "../../contract/index.js";
import { messageOf } from "../../support/errors.js";
import { valueText } from "../../support/value-text.js";
import { NameCheck } from "./name-check.js";
import { recordProblem, stepProblem, valueProblem } from "./record-problems.js";

/** A record that no backend was given: a point, or a whole call such as a histogram. */
export interface RefusedPoint {
  /** Its name; "metrics" or "artifact" where it has none. */
  name: string;
  /** What is wrong with it and what is allowed, in words. */
  reason: string;
  /** The step it was logged at, also where that is the problem. */
  step: number;
}

/** Pairs of name and reason that are reported; further ones are counted only. */
const MAX_NAMED = 1000;

/**
 * Checks points once, before they go to any backend.
 * - A point that is not valid is dropped, counted and reported once for each name and reason; the rest of its call continues.
 * - A call whose points are all valid passes through as the caller's own object, without an allocation.
 * - NaN and infinities are values.
 */
export class PointCheck {
  readonly #names = new NameCheck();
  readonly #named = new Set<string>();
  readonly #onRefused: (refused: RefusedPoint) => void;
  #refused = 0;
  #count = 0;

  constructor(onRefused: (refused: RefusedPoint) => void) {
    this.#onRefused = onRefused;
  }

  /** Points refused so far. */
  get refused(): number {
    return this.#refused;
  }

  /** Points that the last `metrics` call let through. */
  get count(): number {
    return this.#count;
  }

  /** The valid points: the same object when all are, a copy without the others, or null when none is left. */
  metrics(metrics: Metrics, step: number): Metrics | null {
    let count = 0;
    if (Number.isSafeInteger(step) && step >= 0 && !Array.isArray(metrics) && !ArrayBuffer.isView(metrics)) {
      for (const name in metrics) {
        if (!this.#names.has(name) && this.#names.problem(name) !== null) return this.#filter(metrics, step);
        if (typeof metrics[name] !== "number") return this.#filter(metrics, step);
        count++;
      }
    } else {
      return this.#filter(metrics, step);
    }
    this.#count = count;
    if (count > 0) return metrics;
    const problem = recordProblem("metrics", metrics);
    if (problem !== null) this.refuse("metrics", problem, step);
    return null;
  }

  /** True for a named record at `step` that may be logged; `problemOf` says what is wrong with its values. */
  accepts(name: string, step: number, problemOf: () => string | null): boolean {
    const reason = this.#names.problem(name) ?? stepProblem(step) ?? readProblem(problemOf);
    if (reason !== null) this.refuse(name, reason, step);
    return reason === null;
  }

  /** Counts each point of a call that no backend gets. */
  refuseAll(metrics: Metrics, reason: string, step: number): void {
    for (const name in metrics) this.refuse(name, reason, step);
  }

  /** Counts one record that no backend gets. */
  refuse(name: unknown, reason: string, step: number | undefined): void {
    this.#refused++;
    const label = typeof name === "string" ? name : valueText(name);
    const key = `${label}\n${reason}`;
    if (this.#named.has(key) || this.#named.size > MAX_NAMED) return;
    this.#named.add(key);
    const isLast = this.#named.size > MAX_NAMED;
    const shown = isLast
      ? `${reason} More than ${MAX_NAMED} records were refused for different reasons; further ones are only counted.`
      : reason;
    this.#onRefused({ name: label, reason: shown, step: step ?? 0 });
  }

  #filter(metrics: Metrics, step: number): Metrics | null {
    const problem = recordProblem("metrics", metrics);
    if (problem !== null) {
      this.refuse("metrics", problem, step);
      return null;
    }
    const wrongStep = stepProblem(step);
    const valid: Record<string, number> = {};
    let count = 0;
    for (const name in metrics) {
      const value: unknown = metrics[name];
      const reason = this.#names.problem(name) ?? wrongStep ?? valueProblem(value);
      if (reason !== null) {
        this.refuse(name, reason, step);
        continue;
      }
      valid[name] = value as number;
      count++;
    }
    this.#count = count;
    return count === 0 ? null : valid;
  }
}

/** What `problemOf` returns, or that the values could not be read where it throws. */
function readProblem(problemOf: () => string | null): string | null {
  try {
    return problemOf();
  } catch (error) {
    return `The values could not be read: ${messageOf(error)}.`;
  }
}
