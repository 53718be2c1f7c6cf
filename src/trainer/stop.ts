import type { ProcessGroup } from "../contract/index.js";
import type { Progress } from "./progress.js";
import { gatherJson } from "../ranks/index.js";

/** Whoever asked the run to stop, and how strongly. */
export interface StopWish {
  reason: string;
  kind: "decider" | "forced" | "interrupted";
}

const STRENGTH = { decider: 1, forced: 2, interrupted: 3 } as const;

/** What the decision depends on beside the wishes. */
export interface StopLimits {
  minEpochs: number;
  minSteps: number;
  syncEveryNSteps: number;
  timeoutMs: number;
}

/**
 * The one place where a run's end is decided.
 * - A decider's wish below `minEpochs` or `minSteps` is not kept: it must ask again at its next check.
 * - With one rank a wish holds at once. With several, ranks vote at every `syncEveryNSteps`-th step and at the epoch's
 *   end, and all of them leave after the same step.
 */
export class StopDecision {
  /** Set once the decision has fallen, on every rank alike. */
  agreed: StopWish | null = null;
  /** A wish is waiting for the next decision. */
  wish: StopWish | null = null;
  readonly #limits: StopLimits;
  readonly #group: ProcessGroup;
  readonly #onDropped: (wish: StopWish) => void;
  /** The step of the next vote; with one rank there is none. */
  nextVote: number;

  constructor(limits: StopLimits, group: ProcessGroup, onDropped: (wish: StopWish) => void) {
    this.#limits = limits;
    this.#group = group;
    this.#onDropped = onDropped;
    this.nextVote = group.worldSize === 1 ? Infinity : limits.syncEveryNSteps;
  }

  /** The strongest wish wins; among equals, the first. */
  ask(wish: StopWish): void {
    if (this.wish === null || STRENGTH[wish.kind] > STRENGTH[this.wish.kind]) this.wish = wish;
  }

  /** With one rank, an interruption also cuts a validation short; several must stay in step. */
  get interruptedAlone(): boolean {
    return this.#group.worldSize === 1 && this.wish?.kind === "interrupted";
  }

  /** After a step: true when the run ends here. */
  async afterStep(progress: Progress): Promise<boolean> {
    if (this.#group.worldSize === 1) return this.#settle(this.wish, progress.epochsCompleted, progress.step);
    if (progress.step < this.nextVote) return false;
    this.nextVote = progress.step + this.#limits.syncEveryNSteps;
    const vote = await this.#vote(true);
    return this.#settle(vote.wish, progress.epochsCompleted, progress.step);
  }

  /** This rank's batches are used up: true when the run ends in mid-epoch while waiting for ranks that still train. */
  async afterLastBatch(progress: Progress): Promise<boolean> {
    if (this.#group.worldSize === 1) return false;
    for (;;) {
      const vote = await this.#vote(false);
      if (!vote.training) return false;
      if (this.#settle(vote.wish, progress.epochsCompleted, progress.step)) return true;
    }
  }

  /** After an epoch's validation and checkpoint: true when it was the last. */
  async afterEpoch(progress: Progress): Promise<boolean> {
    const wish = this.#group.worldSize === 1 ? this.wish : (await this.#vote(false)).wish;
    return this.#settle(wish, progress.epochsCompleted + 1, progress.step);
  }

  #settle(wish: StopWish | null, epochs: number, step: number): boolean {
    if (wish === null) return false;
    const early = epochs < this.#limits.minEpochs || step < this.#limits.minSteps;
    this.wish = null;
    if (early && wish.kind === "decider") {
      this.#onDropped(wish);
      return false;
    }
    this.agreed = wish;
    return true;
  }

  async #vote(training: boolean): Promise<{ wish: StopWish | null; training: boolean }> {
    const bounds = { timeoutMs: this.#limits.timeoutMs };
    const strength = this.wish === null ? 0 : STRENGTH[this.wish.kind];
    const result = await this.#group.allReduce(Float64Array.of(strength, training ? 1 : 0), "max", bounds);
    const anyTraining = result[1] === 1;
    if (result[0] === 0) return { wish: null, training: anyTraining };
    const wishes = await gatherJson(this.#group, this.wish, bounds);
    const wish = wishes.find((candidate) => candidate !== null && STRENGTH[candidate.kind] === result[0]) ?? null;
    return { wish, training: anyTraining };
  }
}
