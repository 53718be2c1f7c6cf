import type { DeferredScalar } from "../../src/contract/index.js";

/** Deferred scalars that count what is done to them. */
export class ScalarFactory {
  readonly made: CountedScalar[] = [];
  /** In the order of the reads. */
  readonly reads: number[] = [];

  make(value: number, how: "sync" | "async" | "throws" | "rejects" | "disposeThrows" | "notANumber" = "sync"): CountedScalar {
    const scalar = new CountedScalar(value, how, this.reads);
    this.made.push(scalar);
    return scalar;
  }

  get readCounts(): number[] {
    return this.made.map((scalar) => scalar.readCount);
  }

  get disposeCounts(): number[] {
    return this.made.map((scalar) => scalar.disposeCount);
  }
}

export class CountedScalar implements DeferredScalar {
  readCount = 0;
  disposeCount = 0;
  readonly #value: number;
  readonly #how: string;
  readonly #reads: number[];

  constructor(value: number, how: string, reads: number[]) {
    this.#value = value;
    this.#how = how;
    this.#reads = reads;
  }

  read(): number | Promise<number> {
    this.readCount++;
    this.#reads.push(this.#value);
    if (this.disposeCount > 0) throw new Error("read after dispose");
    if (this.#how === "throws") throw new Error("device lost");
    if (this.#how === "rejects") return Promise.reject(new Error("device lost"));
    if (this.#how === "notANumber") return "0.5" as unknown as number;
    return this.#how === "async" ? new Promise((resolve) => setImmediate(() => resolve(this.#value))) : this.#value;
  }

  dispose(): void {
    this.disposeCount++;
    if (this.#how === "disposeThrows") throw new Error("freed twice");
  }
}
