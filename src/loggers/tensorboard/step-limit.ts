import { stepProblem } from "../composite/record-problems.js";

/** With a larger step in a run with hparams, TensorBoard's hparams plugin fails for all runs of the log directory. */
const MAX_HPARAMS_STEP = 2 ** 31 - 1;

/** The steps that a run accepts: integers from 0, and at most 2^31 - 1 once it has hparams. */
export class StepLimit {
  #largest = 0;
  #limit: number = Number.MAX_SAFE_INTEGER;

  /** True when a record may have this step. */
  accepts(step: number): boolean {
    if (!Number.isSafeInteger(step) || step < 0 || step > this.#limit) return false;
    if (step > this.#largest) this.#largest = step;
    return true;
  }

  /** Why `accepts` returned false, and the kind of the reason. */
  problemOf(step: unknown): readonly [reason: string, kind: string] {
    const problem = stepProblem(step);
    if (problem === null)
      return [
        `Step ${String(step)} is over 2^31 - 1, and the run has hparams: TensorBoard would show no hparams at all.`,
        "step limit",
      ];
    return [problem, "step"];
  }

  /** Why the run cannot have hparams any more, or null. */
  get hparamsProblem(): string | null {
    if (this.#largest <= MAX_HPARAMS_STEP) return null;
    return `Step ${this.#largest} of the run is over 2^31 - 1: TensorBoard would show no hparams at all.`;
  }

  /** True once the run has hparams. */
  get hasHparams(): boolean {
    return this.#limit === MAX_HPARAMS_STEP;
  }

  /** From now on the run has hparams. */
  limitToHparams(): void {
    this.#limit = MAX_HPARAMS_STEP;
  }
}
