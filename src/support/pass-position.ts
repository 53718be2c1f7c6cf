import type { StateValue } from "../contract/index.js";
import { TrainscopeError } from "./errors.js";
import { valueText } from "./value-text.js";

/** What decides which samples a pass gives, and in which order. Null: not known. */
export type PassOrder = Readonly<Record<string, number | boolean | null>>;

/** The place in pass `pass` behind its first `given` samples, in the order that `order` and `seed` make. */
export interface PassPosition {
  readonly pass: number;
  given: number;
  readonly seed: number;
  readonly order: PassOrder;
}

/**
 * The position of a loader over samples, as its saved state has it.
 * - Counted in samples: a run that is resumed with another batch size trains each sample of the pass once all the same.
 * - The seed of a pass is the one that was set when the pass began, also after a resume.
 * - A loaded position holds for the next pass that begins; another pass begins at its first sample.
 */
export class ResumablePosition {
  /** The seed of the passes that begin from now on. */
  seed = 0;
  readonly #loader: string;
  #current: PassPosition | null = null;
  #resumeAt: PassPosition | null = null;

  /** `loader` is the name in errors. */
  constructor(loader: string) {
    this.#loader = loader;
  }

  /** The position at which `pass` continues; the caller counts `given` in it. Throws `ERR_STATE` where it was saved in another order. */
  begin(pass: number, order: PassOrder): PassPosition {
    const saved = this.#resumeAt;
    this.#resumeAt = null;
    const resumes = saved !== null && saved.pass === pass && saved.given > 0;
    if (resumes) this.#refuseOther(saved, order);
    this.#current = resumes ? { ...saved, order } : { pass, given: 0, seed: this.seed, order };
    return this.#current;
  }

  #refuseOther({ pass, given, order: saved }: PassPosition, now: PassOrder): void {
    const keys = [...new Set([...Object.keys(saved), ...Object.keys(now)])];
    const changed = keys.filter((key) => (saved[key] ?? null) !== null && (now[key] ?? null) !== null && saved[key] !== now[key]);
    if (changed.length === 0) return;
    const list = (order: PassOrder): string => changed.map((key) => `${key}: ${String(order[key])}`).join(", ");
    throw new TrainscopeError(
      "ERR_STATE",
      `Pass ${pass} was saved after ${given} samples with ${list(saved)}; now it has ${list(now)}, so its rest is not known.\n` +
        "Resume with what it was saved with, or start a new run. Another batchSize is allowed.",
      { path: this.#loader },
    );
  }

  state(): StateValue {
    const position = this.#resumeAt ?? this.#current;
    return position === null ? null : { ...position, order: { ...position.order } };
  }

  /** Throws `ERR_STATE` where `state` is none that `state()` gave. */
  loadState(state: StateValue): void {
    this.#current = null;
    this.#resumeAt = state === null ? null : this.#saved(state);
  }

  #saved(state: StateValue): PassPosition {
    const { pass, given, seed, order } = state as unknown as PassPosition;
    const isWhole =
      [pass, given, seed].every((part) => Number.isSafeInteger(part)) && typeof order === "object" && order !== null;
    if (isWhole) return { pass, given, seed, order: { ...order } };
    throw new TrainscopeError("ERR_STATE", `${valueText(state)} is not a position of ${this.#loader}.`, { path: this.#loader });
  }
}
