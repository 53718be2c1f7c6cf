import type { StateValue } from "../contract/index.js";
import { TrainscopeError } from "./errors.js";

/** After batch `taken` of pass `pass`, in the order made from `seed` for `samples` samples. */
export interface PassPosition {
  readonly pass: number;
  taken: number;
  readonly seed: number;
  readonly samples: number;
}

/**
 * The position of a loader over samples in memory, as its saved state has it.
 * - The seed of a pass is the one that was set when the pass began, also after a resume.
 * - A loaded position holds for the next pass that begins; another pass begins at its first batch.
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

  /** The position from which `pass` goes on; the caller counts `taken` in it. Throws `ERR_STATE` where the number of samples changed. */
  begin(pass: number, samples: number): PassPosition {
    const saved = this.#resumeAt;
    this.#resumeAt = null;
    const resumes = saved !== null && saved.pass === pass && saved.taken > 0;
    if (resumes && saved.samples !== samples) {
      throw new TrainscopeError(
        "ERR_STATE",
        `Pass ${pass} was saved over ${saved.samples} samples, and there are ${samples} now.\n` +
          "Resume over the same samples, or start a new run.",
        { path: this.#loader },
      );
    }
    this.#current = resumes ? saved : { pass, taken: 0, seed: this.seed, samples };
    return this.#current;
  }

  state(): StateValue {
    const position = this.#resumeAt ?? this.#current;
    return position === null ? null : { ...position };
  }

  /** Throws `ERR_STATE` where `state` is none that `state()` gave. */
  loadState(state: StateValue): void {
    this.#current = null;
    this.#resumeAt = state === null ? null : this.#saved(state);
  }

  #saved(state: StateValue): PassPosition {
    const { pass, taken, seed, samples } = state as unknown as PassPosition;
    if ([pass, taken, seed, samples].every((part) => Number.isSafeInteger(part))) return { pass, taken, seed, samples };
    throw new TrainscopeError("ERR_STATE", `The saved state is not a position of ${this.#loader}.`, { path: this.#loader });
  }
}
