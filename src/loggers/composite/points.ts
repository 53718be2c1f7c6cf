import type { Metrics, PointTime } from "../../contract/index.js";
import { redactText } from "../../config/redact.js";
import { messageOf } from "../../support/errors.js";
import { valueText } from "../../support/value-text.js";
import { NameCheck } from "./name-check.js";
import { kindOfRefusal, readProblem, recordProblem, stepProblem, valueProblem } from "./record-problems.js";

/** A record that no backend was given: a point, or a whole call such as a histogram. */
export interface RefusedPoint {
  /** Its name, of which at most 250 characters; "metrics" or "artifact" where it has none. */
  name: string;
  /** What is wrong with it and what is allowed, in words. */
  reason: string;
  /** The step it was logged at, also where that is the problem. */
  step: number;
}

/** Pairs of name and reason that are reported; further ones are counted only. */
const MAX_NAMED = 1000;
/** Characters of a name that are reported. */
const MAX_NAME = 250;

/**
 * Checks points once, before they go to any backend.
 * - A point that is not valid is dropped, counted and reported once for each name and reason, whatever numbers that holds; the rest of
 *   its call continues. Secrets in what is reported are hidden.
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

  /** As `metrics`, where `when` is a time, or says what is wrong with it. Values that cannot be read are refused. */
  metricsAt(when: PointTime | string, metrics: Metrics, step: number): Metrics | null {
    try {
      if (typeof when !== "string") return this.metrics(metrics, step);
      this.refuseAll(metrics, when, step);
    } catch (error) {
      this.refuse("metrics", `The values could not be read: ${messageOf(error)}.`, step);
    }
    return null;
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

  /** What `read` gives where nothing is wrong; else, and where one of the two throws, the record is refused and this is null. */
  read<T>(name: unknown, step: number | undefined, problemOf: () => string | null, read: () => T): T | null {
    let given: T | null = null;
    const reason = readProblem(() => {
      const problem = problemOf();
      if (problem === null) given = read();
      return problem;
    });
    if (reason !== null) this.refuse(name, reason, step);
    return given;
  }

  /** Counts each point of a call that no backend gets. */
  refuseAll(metrics: Metrics, reason: string, step: number): void {
    const problem = recordProblem("metrics", metrics);
    if (problem !== null) return this.refuse("metrics", problem, step);
    for (const name in metrics) this.refuse(name, reason, step);
  }

  /** Counts one record that no backend gets. */
  refuse(name: unknown, reason: string, step: number | undefined): void {
    this.#refused++;
    if (this.#named.size > MAX_NAMED) return;
    const label = typeof name === "string" ? name : valueText(name);
    const kind = kindOfRefusal(label, reason);
    if (this.#named.has(kind)) return;
    this.#named.add(kind);
    const why = redactText(reason);
    const isLast = this.#named.size > MAX_NAMED;
    const shown = isLast
      ? `${why} More than ${MAX_NAMED} records were refused for different reasons; further ones are only counted.`
      : why;
    this.#onRefused({ name: redactText(label).slice(0, MAX_NAME), reason: shown, step: step ?? 0 });
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
