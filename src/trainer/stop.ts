import type { ProcessGroup } from "../contract/index.js";
import type { Progress } from "./progress.js";
import { gatherJson } from "../ranks/index.js";

/** Whoever asked the run to stop, and how strongly. */
export interface StopWish {
  reason: string;
  kind: "decider" | "forced" | "interrupted";
}

const STRENGTH = { decider: 1, forced: 2, interrupted: 3 } as const;

/** What one vote came to. */
interface Vote {
  /** The strongest wish of all ranks. */
  wish: StopWish | null;
  /** This rank's own, as it voted. */
  mine: StopWish | null;
  /** Some rank still has batches in this epoch. */
  training: boolean;
}

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
 * - Ranks with uneven data are at different steps: limits are judged by the furthest, so that all judge alike.
 * - A wish that comes up during a vote waits for the next one.
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
  #furthest = 0;

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

  /** The step of the rank that is furthest, as of the last vote. */
  furthestStep(progress: Progress): number {
    return Math.max(progress.step, this.#furthest);
  }

  /** After a step: true when the run ends here. */
  async afterStep(progress: Progress): Promise<boolean> {
    if (this.#group.worldSize === 1) return this.#settle(this.#alone(), progress, progress.epochsCompleted);
    if (progress.step < this.nextVote) return false;
    this.nextVote = progress.step + this.#limits.syncEveryNSteps;
    return this.#settle(await this.#vote(progress, true), progress, progress.epochsCompleted);
  }

  /** This rank's batches are used up: true when the run ends in mid-epoch while waiting for ranks that still train. */
  async afterLastBatch(progress: Progress): Promise<boolean> {
    if (this.#group.worldSize === 1) return false;
    for (;;) {
      const vote = await this.#vote(progress, false);
      if (!vote.training) return false;
      if (this.#settle(vote, progress, progress.epochsCompleted)) return true;
    }
  }

  /** After an epoch's validation and checkpoint: true when it was the last. */
  async afterEpoch(progress: Progress): Promise<boolean> {
    const vote = this.#group.worldSize === 1 ? this.#alone() : await this.#vote(progress, false);
    return this.#settle(vote, progress, progress.epochsCompleted + 1);
  }

  #settle({ wish, mine }: Vote, progress: Progress, epochs: number): boolean {
    if (wish === null) return false;
    const early = epochs < this.#limits.minEpochs || this.furthestStep(progress) < this.#limits.minSteps;
    if (this.wish === mine) this.wish = null;
    if (early && wish.kind === "decider") {
      this.#onDropped(wish);
      return false;
    }
    this.agreed = wish;
    return true;
  }

  #alone(): Vote {
    return { wish: this.wish, mine: this.wish, training: true };
  }

  async #vote(progress: Progress, training: boolean): Promise<Vote> {
    const mine = this.wish;
    const bounds = { timeoutMs: this.#limits.timeoutMs };
    const own = Float64Array.of(mine === null ? 0 : STRENGTH[mine.kind], training ? 1 : 0, progress.step);
    const [strength, anyTraining, furthest] = await this.#group.allReduce(own, "max", bounds);
    this.#furthest = furthest as number;
    const vote = { wish: null, mine, training: anyTraining === 1 };
    if (strength === 0) return vote;
    const wishes = await gatherJson(this.#group, mine, bounds);
    return { ...vote, wish: wishes.find((candidate) => candidate !== null && STRENGTH[candidate.kind] === strength) ?? null };
  }
}
