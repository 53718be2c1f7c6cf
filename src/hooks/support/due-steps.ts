/** Every n-th step, once: of micro-batches, the one that updates. */
export class DueSteps {
  readonly #every: number;
  /** The due step that the current batch may complete, or 0. */
  #coming = 0;

  constructor(every: number) {
    this.#every = every;
  }

  /** Before a batch, with the steps completed so far: true where the one that it may complete is due. */
  isComing(step: number): boolean {
    const coming = step + 1;
    this.#coming = coming % this.#every === 0 ? coming : 0; // one that was completed without a batch is not shown with the next
    return this.#coming !== 0;
  }

  /** After a batch: true once, where that step was completed. A micro-batch leaves the step where it was. */
  consume(step: number): boolean {
    if (this.#coming === 0 || step !== this.#coming) return false;
    this.#coming = 0;
    return true;
  }
}
