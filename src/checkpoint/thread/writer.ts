/**
 * Commits on another thread.
 * - The thread is started by the first save, keeps the process alive while it writes, and not while it is idle.
 * - A thread that dies fails the save that it had; the next save gets a new one.
 */
import type { Worker } from "node:worker_threads";
import { messageOf } from "../../support/errors.js";
import { startThread, threadEntry } from "../../support/worker-thread.js";
import type { CommitPlan } from "../disk/commit.js";
import type { Manifest } from "../format/manifest.js";
import type { SaveReply, SaveRequest, WriteOutcome } from "./worker.js";

export interface Writer {
  /** Commits one plan, whose buffers must not change meanwhile. Never rejects. One at a time. */
  write(plan: CommitPlan, onCommitted: (manifest: Manifest, warnings: readonly string[]) => void): Promise<WriteOutcome>;
  close(): Promise<void>;
}

/** What the thread runs; tests have one that dies at a given point. */
export interface WorkerScript {
  url: URL;
  workerData?: unknown;
}

const SCRIPT: WorkerScript = { url: threadEntry(import.meta.url, "./worker.js") };

interface Pending {
  plan: CommitPlan;
  onCommitted: (manifest: Manifest, warnings: readonly string[]) => void;
  resolve: (outcome: WriteOutcome) => void;
}

export class ThreadWriter implements Writer {
  readonly #script: WorkerScript;
  #worker: Worker | null = null;
  #pending: Pending | null = null;

  constructor(script: WorkerScript = SCRIPT) {
    this.#script = script;
  }

  write(plan: CommitPlan, onCommitted: Pending["onCommitted"]): Promise<WriteOutcome> {
    return new Promise((resolve) => {
      this.#pending = { plan, onCommitted, resolve };
      try {
        const worker = (this.#worker ??= this.#start());
        worker.ref();
        worker.postMessage({ plan } satisfies SaveRequest);
      } catch (error) {
        this.#fail(error);
      }
    });
  }

  async close(): Promise<void> {
    const worker = this.#worker;
    this.#worker = null;
    await worker?.terminate();
  }

  #start(): Worker {
    const worker = startThread(this.#script.url, {
      name: "trainscope checkpoints",
      resourceLimits: { maxOldGenerationSizeMb: 64 }, // it holds little beside the buffers, which do not count
      workerData: this.#script.workerData,
    });
    worker.on("message", (reply: SaveReply) => this.#receive(reply));
    worker.on("error", (error) => this.#lost(worker, error));
    worker.on("exit", (code) => this.#lost(worker, { message: `it ended with code ${code}` }));
    return worker;
  }

  #receive(reply: SaveReply): void {
    const pending = this.#pending;
    if (pending === null) return;
    if (reply.kind === "committed") return pending.onCommitted(reply.manifest, reply.warnings);
    this.#pending = null;
    this.#worker?.unref();
    pending.resolve(reply);
  }

  #lost(worker: Worker, cause: unknown): void {
    if (this.#worker === worker) this.#worker = null;
    else if (this.#worker !== null) return; // an older one
    this.#fail(cause);
  }

  #fail(cause: unknown): void {
    const pending = this.#pending;
    if (pending === null) return;
    this.#pending = null;
    this.#worker?.unref();
    const { message, stack } =
      cause instanceof Error ? cause : { message: messageOf((cause as { message?: unknown }).message), stack: undefined };
    const fault = { operation: "write on a thread", path: pending.plan.dir, cause: { message, code: undefined, stack } };
    pending.resolve({ fault, warnings: [] });
  }
}
