import type { Worker } from "node:worker_threads";
import { messageOf } from "../../support/errors.js";
import { startThread, threadEntry } from "../../support/worker-thread.js";
import type { CommitPlan } from "../disk/commit-plan.js";
import type { Manifest } from "../format/manifest.js";
import type { SentError, WriteOutcome, WriteReply, WriteRequest } from "./messages.js";

/** Commits plans, one at a time. */
export interface Writer {
  /** Commits one plan, whose buffers must not change meanwhile. Never rejects. */
  write(plan: CommitPlan, onCommitted: (manifest: Manifest, warnings: readonly string[]) => void): Promise<WriteOutcome>;
  close(): Promise<void>;
}

/** The module that the thread runs. */
interface WorkerScript {
  url: URL;
  workerData?: unknown;
}

const SCRIPT: WorkerScript = { url: threadEntry(import.meta.url, "./worker.js") };

interface Pending {
  plan: CommitPlan;
  onCommitted: (manifest: Manifest, warnings: readonly string[]) => void;
  resolve: (outcome: WriteOutcome) => void;
}

/**
 * Commits on another thread.
 * - The first save starts the thread. It keeps the process alive while it writes, and not while it is idle.
 * - When the thread dies, the running save fails; the next save starts a new thread.
 */
export class ThreadWriter implements Writer {
  readonly #script: WorkerScript;
  #worker: Worker | null = null;
  #pending: Pending | null = null;

  /** Tests give a script that dies at a given point. */
  constructor(script: WorkerScript = SCRIPT) {
    this.#script = script;
  }

  write(plan: CommitPlan, onCommitted: Pending["onCommitted"]): Promise<WriteOutcome> {
    return new Promise((resolve) => {
      this.#pending = { plan, onCommitted, resolve };
      try {
        const worker = (this.#worker ??= this.#start());
        worker.ref();
        worker.postMessage({ plan } satisfies WriteRequest);
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
    worker.on("message", (reply: WriteReply) => this.#receive(reply));
    worker.on("error", (error) => this.#lost(worker, error));
    worker.on("exit", (code) => this.#lost(worker, { message: `it ended with code ${code}` }));
    return worker;
  }

  #receive(reply: WriteReply): void {
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

  #fail(thrown: unknown): void {
    const pending = this.#pending;
    if (pending === null) return;
    this.#pending = null;
    this.#worker?.unref();
    const problem = { operation: "write on a thread", path: pending.plan.dir, cause: causeOf(thrown) };
    pending.resolve({ problem, warnings: [] });
  }
}

function causeOf(thrown: unknown): SentError {
  if (thrown instanceof Error) return { message: thrown.message, code: undefined, stack: thrown.stack };
  return { message: messageOf((thrown as { message?: unknown }).message), code: undefined, stack: undefined };
}
