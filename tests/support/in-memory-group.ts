/**
 * Ranks in one process that meet on promises.
 * - The n-th call of every rank is one operation: ranks that call different operations all get `ERR_RANKS`.
 * - A rank that waits longer than `timeoutMs`, or whose peer has closed, gets `ERR_RANKS` naming the ranks it waited for.
 */
import type { Bounds, ProcessGroup } from "../../src/contract/index.js";
import { TrainscopeError } from "../../src/support/errors.js";

interface Arrival {
  operation: string;
  value: unknown;
  resolve(all: readonly unknown[]): void;
  reject(error: unknown): void;
}

/** Calls number `n` of the ranks, until all have arrived. */
class Meeting {
  readonly arrivals: Map<number, Arrival> = new Map();
  failure: TrainscopeError | null = null;
}

class World {
  readonly size: number;
  readonly meetings: Map<number, Meeting> = new Map();
  readonly closed: Set<number> = new Set();

  constructor(size: number) {
    this.size = size;
  }

  meet(rank: number, call: number, operation: string, value: unknown, bounds: Bounds | undefined): Promise<readonly unknown[]> {
    const meeting = this.meetings.get(call) ?? new Meeting();
    this.meetings.set(call, meeting);
    if (meeting.failure !== null) return Promise.reject(meeting.failure);
    return new Promise((resolve, reject) => {
      const release = this.#limit(meeting, rank, operation, bounds);
      const arrival: Arrival = {
        operation,
        value,
        resolve: (all) => (release(), resolve(all)),
        reject: (error) => (release(), reject(error)),
      };
      meeting.arrivals.set(rank, arrival);
      this.#settle(call, meeting);
    });
  }

  #limit(meeting: Meeting, rank: number, operation: string, bounds: Bounds | undefined): () => void {
    const giveUp = (why: string): void => {
      const missing = this.#missing(meeting).join(", ");
      const arrival = meeting.arrivals.get(rank);
      meeting.arrivals.delete(rank);
      meeting.failure ??= new TrainscopeError(
        "ERR_RANKS",
        `Rank ${rank} gave up on ${operation} (${why}); missing: rank ${missing}.`,
      );
      arrival?.reject(meeting.failure);
    };
    const timeoutMs = bounds?.timeoutMs;
    const timer = timeoutMs === undefined ? undefined : setTimeout(() => giveUp(`after ${timeoutMs} ms`), timeoutMs);
    const onAbort = (): void => giveUp("it was aborted");
    if (bounds?.signal?.aborted === true) queueMicrotask(onAbort);
    else bounds?.signal?.addEventListener("abort", onAbort, { once: true });
    return () => {
      clearTimeout(timer);
      bounds?.signal?.removeEventListener("abort", onAbort);
    };
  }

  #settle(call: number, meeting: Meeting): void {
    const arrivals = [...meeting.arrivals.entries()].sort(([a], [b]) => a - b);
    const first = arrivals[0];
    const other = arrivals.find(([, arrival]) => arrival.operation !== first?.[1].operation);
    if (first !== undefined && other !== undefined) {
      this.#fail(meeting, `Rank ${first[0]} called ${first[1].operation}, and rank ${other[0]} called ${other[1].operation}.`);
    } else if (arrivals.length === this.size) {
      this.meetings.delete(call);
      const values = arrivals.map(([, arrival]) => arrival.value);
      for (const [, arrival] of arrivals) arrival.resolve(values);
    } else {
      const gone = this.#missing(meeting).filter((rank) => this.closed.has(rank));
      if (gone.length > 0) this.#fail(meeting, `Rank ${gone.join(", ")} has left; ${first?.[1].operation} cannot be finished.`);
    }
  }

  #fail(meeting: Meeting, message: string): void {
    const failure = new TrainscopeError("ERR_RANKS", message);
    meeting.failure = failure;
    for (const arrival of meeting.arrivals.values()) arrival.reject(failure);
    meeting.arrivals.clear();
  }

  #missing(meeting: Meeting): number[] {
    return Array.from({ length: this.size }, (_, rank) => rank).filter((rank) => !meeting.arrivals.has(rank));
  }

  close(rank: number): void {
    this.closed.add(rank);
    for (const [call, meeting] of this.meetings) {
      if (meeting.failure === null && !meeting.arrivals.has(rank)) this.#settle(call, meeting);
    }
  }
}

class InMemoryGroup implements ProcessGroup {
  readonly rank: number;
  readonly worldSize: number;
  readonly #world: World;
  #calls = 0;

  constructor(world: World, rank: number) {
    this.#world = world;
    this.rank = rank;
    this.worldSize = world.size;
  }

  #meet(operation: string, value: unknown, bounds: Bounds | undefined): Promise<readonly unknown[]> {
    return this.#world.meet(this.rank, this.#calls++, operation, value, bounds);
  }

  async allReduce(values: Float64Array, op: "sum" | "min" | "max", bounds?: Bounds): Promise<Float64Array> {
    const all = (await this.#meet(
      `allReduce(${op}) of ${values.length} numbers`,
      values.slice(),
      bounds,
    )) as readonly Float64Array[];
    const combine = { sum: (a: number, b: number) => a + b, min: Math.min, max: Math.max }[op];
    return all
      .slice(1)
      .reduce((total, next) => total.map((value, i) => combine(value, next[i] as number)), (all[0] as Float64Array).slice());
  }

  async broadcast(bytes: Uint8Array, root: number, bounds?: Bounds): Promise<Uint8Array> {
    const all = (await this.#meet(`broadcast from rank ${root}`, bytes.slice(), bounds)) as readonly Uint8Array[];
    return (all[root] as Uint8Array).slice();
  }

  async gather(bytes: Uint8Array, bounds?: Bounds): Promise<Uint8Array[]> {
    const all = (await this.#meet("gather", bytes.slice(), bounds)) as readonly Uint8Array[];
    return all.map((part) => part.slice());
  }

  async barrier(bounds?: Bounds): Promise<void> {
    await this.#meet("barrier", null, bounds);
  }

  async close(): Promise<void> {
    this.#world.close(this.rank);
  }
}

/** `worldSize` ranks of one group, in rank order. */
export function inMemoryGroups(worldSize: number): ProcessGroup[] {
  const world = new World(worldSize);
  return Array.from({ length: worldSize }, (_, rank) => new InMemoryGroup(world, rank));
}
