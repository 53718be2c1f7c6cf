import type { Artifact, ImageData, Metrics, TypedArray } from "../../contract/index.js";
import { valueText } from "../../support/value-text.js";
import { NameCheck } from "./name-check.js";

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
    if (Number.isSafeInteger(step) && step >= 0) {
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
    if (metrics === null || typeof metrics !== "object")
      this.refuse("metrics", `The metrics are ${valueText(metrics)}, not an object.`, step);
    return null;
  }

  /** True for a named record at `step` that may be logged; `problem` is what is wrong with its values. */
  accepts(name: string, step: number, problem: string | null): boolean {
    const reason = this.#names.problem(name) ?? stepProblem(step) ?? problem;
    if (reason !== null) this.refuse(name, reason, step);
    return reason === null;
  }

  /** Counts one record that no backend gets. */
  refuse(name: unknown, reason: string, step: number | undefined): void {
    this.#refused++;
    const label = typeof name === "string" ? name : valueText(name);
    const key = `${label}\n${reason}`;
    if (this.#named.has(key) || this.#named.size >= MAX_NAMED) return;
    this.#named.add(key);
    this.#onRefused({ name: label, reason, step: step ?? 0 });
  }

  #filter(metrics: Metrics, step: number): Metrics | null {
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

function stepProblem(step: unknown): string | null {
  if (Number.isSafeInteger(step) && (step as number) >= 0) return null;
  return `The step is ${typeof step === "number" ? step : `a ${typeof step}`}; it must be an integer of at least 0.`;
}

function valueProblem(value: unknown): string | null {
  if (typeof value === "number") return null;
  if (value === null) return "The value is null, not a number.";
  if (typeof value === "object" && "read" in value) return "The value is a deferred scalar: read it first.";
  return `The value is a ${typeof value}, not a number.`;
}

/** Why `values` cannot be a histogram or one axis of a scatter. */
export function arrayProblem(values: unknown): string | null {
  const isTyped = ArrayBuffer.isView(values) && !(values instanceof DataView);
  return isTyped ? null : `The values are ${valueText(values)}, not a typed array.`;
}

/** Why `x` and `y` cannot be a scatter. */
export function scatterProblem(x: TypedArray, y: TypedArray): string | null {
  const problem = arrayProblem(x) ?? arrayProblem(y);
  if (problem !== null || x.length === y.length) return problem;
  return `x has ${x.length} values and y has ${y.length}; both need the same number.`;
}

/** Why `image` cannot be an image. */
export function imageProblem(image: ImageData): string | null {
  if (image === null || typeof image !== "object") return `The image is ${valueText(image)}, not an object.`;
  const { width, height, channels, data } = image;
  if (!Number.isSafeInteger(width) || !Number.isSafeInteger(height) || width < 1 || height < 1) {
    return `The image is ${width} × ${height}; both need to be integers of at least 1.`;
  }
  if (channels !== 1 && channels !== 3 && channels !== 4)
    return `The image has ${String(channels)} channels; it may have 1, 3 or 4.`;
  if (!(data instanceof Uint8Array || data instanceof Float32Array)) return "The pixels are not a Uint8Array or Float32Array.";
  const expected = width * height * channels;
  return data.length === expected
    ? null
    : `The image has ${data.length} values; ${width} × ${height} × ${channels} needs ${expected}.`;
}

/** Why `artifact` cannot be an artifact. */
export function artifactProblem(artifact: Artifact): string | null {
  if (artifact === null || typeof artifact !== "object") return `The artifact is ${valueText(artifact)}, not an object.`;
  if (typeof artifact.name !== "string" || artifact.name === "")
    return "The artifact has no name: it needs a text that is not empty.";
  return typeof artifact.path === "string" && artifact.path !== "" ? null : "The artifact has no path: it needs that of a file.";
}

/** Why `text` cannot be a text. */
export function textProblem(text: unknown): string | null {
  return typeof text === "string" ? null : `The text is a ${typeof text}, not a string.`;
}
