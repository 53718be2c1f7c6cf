import { valueText } from "../../support/value-text.js";
import { recordProblem } from "../composite/record-problems.js";
import {
  hparamsExperimentValue,
  isHparamValue,
  sessionEndValue,
  sessionStartValue,
  type HparamValues,
} from "./payloads/hparams.js";
import type { RunOutput } from "./run-output.js";
import { tagProblem } from "./tag-rule.js";

const TAG = "hparams";

/**
 * The hparams session of a run: started at most once and ended at most once, since TensorBoard reads the first of each. What cannot be
 * written is refused: one hparam or tag by itself, the others are written.
 */
export class HparamsSession {
  readonly #output: RunOutput;
  #state: "none" | "open" | "ended" = "none";

  constructor(output: RunOutput) {
    this.#output = output;
  }

  /** Writes the hparams and, where there are any, the tags that are columns. A second call is refused. */
  start(given: HparamValues, metricTags: readonly string[]): void {
    this.#output.checked(TAG, () => this.#start(given, metricTags));
  }

  #start(given: HparamValues, metricTags: readonly string[]): void {
    const output = this.#output;
    const problem = this.#problemOf(given, metricTags);
    if (problem !== null) return output.refusals.add(TAG, problem);
    const entries = Object.entries(given).filter(([name, value]) => this.#accepts(name, value));
    if (entries.length === 0 && Object.keys(given).length > 0) return;
    const hparams: HparamValues = Object.fromEntries(entries);
    const metrics = metricTags.filter((tag) => this.#acceptsTag(tag));
    const seconds = Date.now() / 1000;
    const start = (): Uint8Array => sessionStartValue({ hparams, startTimeSecs: seconds });
    const experiment = (): Uint8Array => hparamsExperimentValue({ hparams, metrics, timeCreatedSecs: seconds });
    if (!output.write(TAG, 0, seconds, () => (metrics.length > 0 ? [experiment(), start()] : [start()]))) return;
    this.#state = "open";
    output.steps.limitToHparams();
  }

  /** Writes how the run ended; refused where it has no hparams, or has ended. */
  end(status: "success" | "failure"): void {
    const output = this.#output;
    if (!output.isOpenFor(TAG)) return;
    if (status !== "success" && status !== "failure")
      return output.refusals.add(TAG, `The status is ${valueText(status)}. Allowed: "success", "failure".`);
    if (this.#state === "none") return output.refusals.add(TAG, "The run has no hparams that could end. Call addHparams first.");
    if (this.#state === "ended") return output.refusals.add(TAG, "The hparams of the run have ended already.");
    const seconds = Date.now() / 1000;
    output.write(TAG, 0, seconds, () => [sessionEndValue(status, seconds)]);
    this.#state = "ended";
  }

  /** Ends the session as a success, where it is open. */
  close(): void {
    if (this.#state === "open" && this.#output.isOpen) this.end("success");
  }

  #problemOf(hparams: unknown, metricTags: unknown): string | null {
    const wrong = recordProblem("hparams", hparams, "a value");
    if (wrong !== null) return wrong;
    if (!Array.isArray(metricTags)) return `The metric tags are ${valueText(metricTags)}, not a list of strings.`;
    if (this.#state !== "none") return "The run has hparams already, and TensorBoard reads the first ones.";
    return this.#output.steps.hparamsProblem;
  }

  #accepts(name: string, value: unknown): boolean {
    const { refusals } = this.#output;
    const found = `The value is ${valueText(value)}`;
    const problem = tagProblem(name, "hparam") ?? (isHparamValue(value) ? null : `${found}, not a string, number or boolean.`);
    if (problem !== null) refusals.add(name, problem);
    return problem === null;
  }

  #acceptsTag(tag: unknown): boolean {
    const problem = tagProblem(tag, "metric tag");
    if (problem !== null) this.#output.refusals.add(tag, problem);
    return problem === null;
  }
}
