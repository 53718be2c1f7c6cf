import type { ProcessGroup } from "../contract/index.js";
import type { Progress } from "./progress.js";
import { gatherJson } from "../ranks/index.js";

/** A request to stop the run: why, and how strong it is. */
export interface StopRequest {
  reason: string;
  kind: "decider" | "forced" | "interrupted";
}

const STRENGTH = { decider: 1, forced: 2, interrupted: 3 } as const;

/** The result of one vote. */
interface Vote {
  /** The strongest request of all ranks. */
  request: StopRequest | null;
  /** This rank's own request, as it voted. */
  own: StopRequest | null;
  /** Some rank still has batches in this epoch. */
  training: boolean;
}

/** The limits of the config that the decision depends on. */
export interface StopLimits {
  minEpochs: number;
  minSteps: number;
  syncEveryNSteps: number;
  timeoutMs: number;
}

/**
 * The one place where a run's end is decided.
 * - A decider's request before `minEpochs` or `minSteps` is dropped; the decider repeats it at its next check.
 * - With one rank a request is agreed at once. With several, ranks vote at every `syncEveryNSteps`-th step and at the epoch's
 *   end, and all of them leave after the same step.
 * - Ranks with uneven data are at different steps: limits are judged by the furthest, so that all judge alike.
 * - A request that is made during a vote waits for the next one.
 */
export class StopDecision {
  /** The request that ends the run, once it is decided: the same on every rank. */
  agreed: StopRequest | null = null;
  /** The request that waits for the next decision. */
  pending: StopRequest | null = null;
  readonly #limits: StopLimits;
  readonly #group: ProcessGroup;
  readonly #onDropped: (request: StopRequest) => void;
  /** The step of the next vote; with one rank there is none. */
  nextVote: number;
  #furthest = 0;

  constructor(limits: StopLimits, group: ProcessGroup, onDropped: (request: StopRequest) => void) {
    this.#limits = limits;
    this.#group = group;
    this.#onDropped = onDropped;
    this.nextVote = group.worldSize === 1 ? Infinity : limits.syncEveryNSteps;
  }

  /** The strongest request wins; among equals, the first. */
  request(request: StopRequest): void {
    if (this.pending === null || STRENGTH[request.kind] > STRENGTH[this.pending.kind]) this.pending = request;
  }

  /** With one rank, an interruption also cuts a validation short; several must stay in step. */
  get interruptedAlone(): boolean {
    return this.#group.worldSize === 1 && this.pending?.kind === "interrupted";
  }

  /** The step of the rank that is furthest, as of the last vote. */
  furthestStep(progress: Progress): number {
    return Math.max(progress.step, this.#furthest);
  }

  /** After a step: true when the run ends here. */
  async afterStep(progress: Progress): Promise<boolean> {
    if (this.#group.worldSize === 1) return this.#decide(this.#alone(), progress, progress.epochsCompleted);
    if (progress.step < this.nextVote) return false;
    this.nextVote = progress.step + this.#limits.syncEveryNSteps;
    return this.#decide(await this.#vote(progress, true), progress, progress.epochsCompleted);
  }

  /** After this rank's last batch of an epoch: true when the run ends in mid-epoch while waiting for ranks that still train. */
  async afterLastBatch(progress: Progress): Promise<boolean> {
    if (this.#group.worldSize === 1) return false;
    for (;;) {
      const vote = await this.#vote(progress, false);
      if (!vote.training) return false;
      if (this.#decide(vote, progress, progress.epochsCompleted)) return true;
    }
  }

  /** After an epoch's validation and checkpoint: true when it was the last. */
  async afterEpoch(progress: Progress): Promise<boolean> {
    const vote = this.#group.worldSize === 1 ? this.#alone() : await this.#vote(progress, false);
    return this.#decide(vote, progress, progress.epochsCompleted + 1);
  }

  /** After an epoch's last hook, with one rank: a request that came from it ends the run there. Several ranks vote in the next epoch. */
  afterEpochHooks(progress: Progress): void {
    if (this.#group.worldSize === 1 && this.agreed === null) this.#decide(this.#alone(), progress, progress.epochsCompleted);
  }

  #decide({ request, own }: Vote, progress: Progress, epochs: number): boolean {
    if (request === null) return false;
    const early = epochs < this.#limits.minEpochs || this.furthestStep(progress) < this.#limits.minSteps;
    if (this.pending === own) this.pending = null;
    if (early && request.kind === "decider") {
      this.#onDropped(request);
      return false;
    }
    this.agreed = request;
    return true;
  }

  #alone(): Vote {
    return { request: this.pending, own: this.pending, training: true };
  }

  async #vote(progress: Progress, training: boolean): Promise<Vote> {
    const own = this.pending;
    const bounds = { timeoutMs: this.#limits.timeoutMs };
    const ballot = Float64Array.of(own === null ? 0 : STRENGTH[own.kind], training ? 1 : 0, progress.step);
    const [strength, anyTraining, furthest] = await this.#group.allReduce(ballot, "max", bounds);
    this.#furthest = furthest as number;
    const vote = { request: null, own, training: anyTraining === 1 };
    if (strength === 0) return vote;
    const requests = await gatherJson(this.#group, own, bounds);
    return {
      ...vote,
      request: requests.find((candidate) => candidate !== null && STRENGTH[candidate.kind] === strength) ?? null,
    };
  }
}
