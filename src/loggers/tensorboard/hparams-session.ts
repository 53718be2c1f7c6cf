import { hparamsExperimentValue, sessionEndValue, sessionStartValue, type HparamValues } from "./payloads/hparams.js";
import type { RunOutput } from "./run-output.js";

const TAG = "hparams";

/** The hparams session of a run: started at most once and ended at most once, since TensorBoard reads the first of each. */
export class HparamsSession {
  readonly #output: RunOutput;
  #state: "none" | "open" | "ended" = "none";

  constructor(output: RunOutput) {
    this.#output = output;
  }

  /** Writes the hparams and, where there are any, the tags that are columns. A second call is refused. */
  start(hparams: HparamValues, metricTags: readonly string[]): void {
    const output = this.#output;
    if (!output.isOpen) return;
    const problem =
      this.#state === "none" ? output.steps.hparamsProblem : "The run has hparams already, and TensorBoard reads the first ones.";
    if (problem !== null) return output.refusals.add(TAG, problem);
    const seconds = Date.now() / 1000;
    const start = (): Uint8Array => sessionStartValue({ hparams, startTimeSecs: seconds });
    const experiment = (): Uint8Array => hparamsExperimentValue({ hparams, metrics: metricTags, timeCreatedSecs: seconds });
    if (!output.write(TAG, 0, seconds, () => (metricTags.length > 0 ? [experiment(), start()] : [start()]))) return;
    this.#state = "open";
    output.steps.limitToHparams();
  }

  /** Writes how the run ended, where it has hparams and has not ended. */
  end(status: "success" | "failure"): void {
    if (this.#state !== "open") return;
    const seconds = Date.now() / 1000;
    this.#output.write(TAG, 0, seconds, () => [sessionEndValue(status, seconds)]);
    this.#state = "ended";
  }
}
