import type { CheckpointBundle, CheckpointInfo, SaveDetails, SaveTicket } from "../contract/index.js";

/** A requested save, with the callbacks that settle its ticket. Only the first outcome counts. */
export interface Job {
  bundle: CheckpointBundle;
  at: SaveDetails;
  /** The state is copied: the model may change again. */
  captured(): void;
  settle(outcome: CheckpointInfo | "superseded"): void;
  fail(error: unknown): void;
}

/**
 * Runs one save at a time.
 * - An important request is never lost: it waits for its turn. Of the others only the newest waits.
 * - The state of a request that waits is copied when its turn comes; its `captured` resolves then.
 */
export class SaveQueue {
  readonly #run: (job: Job) => Promise<void>;
  #waiting: Job[] = [];
  #running: Promise<void> | null = null;

  /** `run` copies the state before its first await, settles its job, and never rejects. */
  constructor(run: (job: Job) => Promise<void>) {
    this.#run = run;
  }

  get busy(): boolean {
    return this.#running !== null;
  }

  add(bundle: CheckpointBundle, at: SaveDetails): SaveTicket {
    const captured = withResolvers<void>();
    const committed = withResolvers<CheckpointInfo | "superseded">();
    committed.promise.catch(() => undefined); // no unhandled rejection when the caller does not await it
    const job: Job = { bundle, at, captured: captured.resolve, settle: committed.resolve, fail: committed.reject };
    if (this.#running === null) this.#start(job);
    else this.#wait(job);
    return { captured: captured.promise, committed: committed.promise };
  }

  /** Resolves when nothing runs and nothing waits. */
  async idle(): Promise<void> {
    while (this.#running !== null) await this.#running;
  }

  #wait(job: Job): void {
    for (const older of this.#waiting) {
      if (older.at.important !== false) continue;
      older.captured();
      older.settle("superseded");
    }
    this.#waiting = [...this.#waiting.filter(({ at }) => at.important !== false), job];
  }

  #start(job: Job): void {
    this.#running = this.#finish(job);
  }

  async #finish(job: Job): Promise<void> {
    await this.#run(job);
    this.#running = null;
    const next = this.#waiting.shift();
    if (next !== undefined) this.#start(next);
  }
}

interface Resolvers<T> {
  promise: Promise<T>;
  resolve: (value: T) => void;
  reject: (error: unknown) => void;
}

/** `Promise.withResolvers`, which Node 20 does not have. */
function withResolvers<T>(): Resolvers<T> {
  const resolvers: Partial<Resolvers<T>> = {};
  resolvers.promise = new Promise<T>((resolve, reject) => Object.assign(resolvers, { resolve, reject }));
  return resolvers as Resolvers<T>;
}
