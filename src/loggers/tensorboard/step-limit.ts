/** TensorBoard's hparams plugin answers nothing for the whole log directory when a run with hparams has a larger step. */
const MAX_HPARAMS_STEP = 2 ** 31 - 1;

/** Which steps a run may have: integers from 0, and from its hparams on only those that TensorBoard can show beside them. */
export class StepLimit {
  #largest = 0;
  #most: number = Number.MAX_SAFE_INTEGER;

  accepts(step: number): boolean {
    if (!Number.isSafeInteger(step) || step < 0 || step > this.#most) return false;
    if (step > this.#largest) this.#largest = step;
    return true;
  }

  /** Why `accepts` said no. */
  fault(step: unknown): string {
    if (typeof step === "number" && step > this.#most)
      return `Step ${step} is over 2^31 - 1, and the run has hparams: TensorBoard could show none at all.`;
    return `The step is ${String(step)}, not an integer from 0.`;
  }

  /** Why the run can have no hparams any more, or null. */
  get hparamsFault(): string | null {
    if (this.#largest <= MAX_HPARAMS_STEP) return null;
    return `Step ${this.#largest} is over 2^31 - 1: TensorBoard could show no hparams at all.`;
  }

  /** The run has hparams. */
  holdToHparams(): void {
    this.#most = MAX_HPARAMS_STEP;
  }
}
