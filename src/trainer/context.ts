import type { ProcessGroup, StepContext } from "../contract/index.js";
import { stepSeed } from "../support/random.js";
import type { WantedOutputs } from "./run-services.js";

/** The one context object that every step is called with; the loop updates it before each step. */
export class Context implements StepContext {
  step = 1;
  epoch = 0;
  loaderIdx = 0;
  loaderName = "";
  wantsGradients = false;
  wantsOutputs = false;
  wantsImages = false;
  readonly group: ProcessGroup;
  readonly signal: AbortSignal;
  /** The model's method that is being called, for errors. */
  calling: "trainStep" | "evalStep" | "endEpoch" = "trainStep";
  readonly #seed: number;
  #batch = 0;

  constructor(seed: number, group: ProcessGroup, signal: AbortSignal) {
    this.#seed = seed;
    this.group = group;
    this.signal = signal;
  }

  get stepSeed(): number {
    return stepSeed(this.#seed, this.group.rank, this.#batch);
  }

  /** Grants what hooks requested of this step, and of no later one. */
  consumeRequests(requests: { gradients: boolean; outputs: WantedOutputs }): void {
    this.wantsGradients = requests.gradients;
    requests.gradients = false;
    this.consumeOutputRequest(requests);
  }

  consumeOutputRequest(requests: { outputs: WantedOutputs }): void {
    this.wantsOutputs = requests.outputs !== "none";
    this.wantsImages = requests.outputs === "all";
    requests.outputs = "none";
  }

  /** `step` and `batch` are those completed so far. */
  move(step: number, epoch: number, batch: number, loaderIdx: number, loaderName: string): void {
    this.step = step + 1;
    this.epoch = epoch;
    this.#batch = batch;
    this.loaderIdx = loaderIdx;
    this.loaderName = loaderName;
  }
}
