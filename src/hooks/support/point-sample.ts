import { Random } from "../../data/index.js";

/** At most so many of the points that were added, each as likely as any other (reservoir sampling, Vitter's algorithm R). */
export class PointSample {
  readonly #x: Float64Array;
  readonly #y: Float64Array;
  readonly #random: Random;
  #seen = 0;

  /** The same seed parts and points, the same sample. */
  constructor(most: number, ...seedParts: readonly number[]) {
    this.#x = new Float64Array(most);
    this.#y = new Float64Array(most);
    this.#random = new Random(...seedParts);
  }

  add(x: number, y: number): void {
    const seen = this.#seen++;
    const at = seen < this.#x.length ? seen : this.#random.below(seen + 1);
    if (at >= this.#x.length) return;
    this.#x[at] = x;
    this.#y[at] = y;
  }

  get x(): Float64Array {
    return this.#x.subarray(0, this.#seen);
  }

  get y(): Float64Array {
    return this.#y.subarray(0, this.#seen);
  }
}
