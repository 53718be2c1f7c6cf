import type { Optimizer, StateValue, TrainerView } from "../../contract/index.js";
import { TrainscopeError } from "../../support/errors.js";
import { numberText } from "../../support/number-text.js";
import { optimizerKeys } from "../../support/unique-names.js";

type Saved = Readonly<Record<"names" | "base" | "rates", readonly StateValue[]>>;

/** The learning rates that a schedule starts from: by optimizer, also over a resume. */
export class BaseRates {
  /** In the order of the optimizers; empty before `start`. */
  rates: readonly number[] = [];
  readonly #owner: string;
  #optimizers: readonly Optimizer[] = [];
  #saved: Saved | null = null;

  constructor(owner: string) {
    this.#owner = owner;
  }

  /** Takes the rates that the optimizers have now; in a resumed run the saved ones, except where one was set since it was loaded. */
  start(trainer: TrainerView): void {
    this.#optimizers = trainer.optimizers;
    const names = this.#names();
    this.rates = trainer.optimizers.map(({ learningRate }, i) => {
      const saved = this.#savedOf(names[i] as string, names);
      if (saved === null || saved.rate === learningRate) return saved?.base ?? learningRate;
      const message = `${this.#owner}: the base learning rate of ${names[i]} is ${numberText(learningRate)} from here on; it was ${numberText(saved.base)}`;
      trainer.logger.logEvent("baseLearningRateChanged", { message, from: saved.base, to: learningRate }, trainer.state.step);
      return learningRate;
    });
  }

  state(): Record<keyof Saved, StateValue> {
    return { names: this.#names(), base: [...this.rates], rates: this.#optimizers.map(({ learningRate }) => learningRate) };
  }

  loadState({ names, base, rates }: Readonly<Record<string, StateValue>>): void {
    if (!Array.isArray(names) || !Array.isArray(base) || !Array.isArray(rates)) {
      throw new TrainscopeError("ERR_STATE", `The saved state of ${this.#owner} is not one that this hook saved.`);
    }
    this.#saved = { names, base, rates };
  }

  #names(): string[] {
    return optimizerKeys(this.#optimizers);
  }

  #savedOf(name: string, names: readonly string[]): { base: number; rate: number } | null {
    const saved = this.#saved;
    if (saved === null) return null;
    const at = saved.names.indexOf(name);
    if (at !== -1 && saved.names.length === names.length) return { base: Number(saved.base[at]), rate: Number(saved.rates[at]) };
    throw new TrainscopeError(
      "ERR_STATE",
      `${this.#owner} was saved with the optimizers ${saved.names.map(String).join(", ")}; this run has ${names.join(", ")}.`,
    );
  }
}
