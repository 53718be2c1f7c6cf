/** What hooks that look at the model's tensors share. */
import type { NamedTensor, TrainableModel, TrainerView } from "../../contract/index.js";
import { TrainscopeError } from "../../support/errors.js";

/** A method that a model need not have, and what to do where a hook needs it. */
interface NeededMethod {
  method: keyof TrainableModel<never>;
  /** The hook, and the config that turns it on. */
  hook: string;
  path: string;
  /** How to write it. */
  implement: string;
}

/** Throws `ERR_MODEL` when the model lacks the method. */
export function requireMethod(trainer: TrainerView, { method, hook, path, implement }: NeededMethod): void {
  if (typeof trainer.model[method] === "function") return;
  throw new TrainscopeError(
    "ERR_MODEL",
    `${hook} needs the model's ${method}, and the model has no ${method}() method.\nImplement ${implement}, or turn the hook off.`,
    { path },
  );
}

/** The tensors whose name contains one of the strings; all of them where there is none. */
export function chooseTensors(tensors: readonly NamedTensor[], filter: readonly string[]): NamedTensor[] {
  return tensors.filter(({ name }) => filter.length === 0 || filter.some((part) => name.includes(part)));
}

/** Why `chooseTensors` found nothing. */
export function noneChosen(tensors: readonly NamedTensor[], filter: readonly string[]): string {
  if (tensors.length === 0) return "the model gave none";
  return `paramFilter [${filter.join(", ")}] matches none of ${tensors.map(({ name }) => name).join(", ")}`;
}

/** Logs one warning a run. */
export class OneWarning {
  #logged = false;

  log(trainer: TrainerView, message: string): void {
    if (this.#logged) return;
    this.#logged = true;
    trainer.logger.logEvent("warning", { message }, trainer.state.step);
  }
}
