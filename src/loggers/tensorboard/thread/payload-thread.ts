import { MessageChannel, receiveMessageOnPort, type MessagePort, type Worker } from "node:worker_threads";
import { messageOf } from "../../../support/errors.js";
import { startThread, threadEntry } from "../../../support/worker-thread.js";
import { copyJob, encodeJob, jobBytes, type PayloadJob, type PayloadReply, type ThreadInput } from "./payload-jobs.js";
import { SharedBuffers } from "./shared-buffers.js";

/** The record that a payload is for. `wallTime` in seconds since 1970. */
interface PayloadPlace {
  tag: string;
  step: number;
  wallTime: number;
}

/** Receives what becomes of each job. */
interface PayloadListener {
  /** A payload is encoded. */
  encoded(place: PayloadPlace, value: Uint8Array): void;
  /** A payload cannot be encoded. */
  refused(place: PayloadPlace, reason: string): void;
  /** The thread ended before it had answered so many jobs. */
  lost(jobs: number, reason: string): void;
}

interface PendingJob {
  place: PayloadPlace;
  bytes: number;
  buffers: readonly SharedArrayBuffer[];
}

const SCRIPT = threadEntry(import.meta.url, "./payload-worker.js");
/** Up to so many bytes, encoding is faster than copying and sending. */
const SMALL_BYTES = 8 * 1024;
const MAX_PENDING_BYTES = 64 * 1024 * 1024;
const REPLY_TIMEOUT_MS = 10_000;

/**
 * Encodes payloads in a thread.
 * - Order: replies have the order of the jobs. While any job is pending, small ones go through the thread too.
 * - The caller's arrays are copied when `add` is called. At most 64 MiB of copies are pending: past that, `add` waits.
 * - Replies are received when the event loop turns, and by `poll` in a loop that never turns.
 * - When the thread ends, its jobs are reported as lost, and later jobs are encoded by the caller.
 */
export class PayloadThread {
  readonly #listener: PayloadListener;
  readonly #script: URL;
  readonly #replies: Int32Array = new Int32Array(new SharedArrayBuffer(4));
  readonly #jobs: PendingJob[] = [];
  readonly #buffers = new SharedBuffers();
  #pendingBytes = 0;
  #received = 0;
  #worker: Worker | undefined;
  #port: MessagePort | undefined;
  #hasEnded = false;
  #onIdle: (() => void)[] = [];

  /** Starts no thread before the first job that needs one. */
  constructor(listener: PayloadListener, script: URL = SCRIPT) {
    this.#listener = listener;
    this.#script = script;
  }

  /** The number of jobs without a reply. */
  get pending(): number {
    return this.#jobs.length;
  }

  /** Encodes a job, or sends it to the thread. Throws where it cannot be read. */
  add(job: PayloadJob, place: PayloadPlace): void {
    const bytes = jobBytes(job);
    this.poll();
    if (this.#jobs.length > 0 && this.#pendingBytes + bytes > MAX_PENDING_BYTES)
      this.wait(REPLY_TIMEOUT_MS, MAX_PENDING_BYTES - bytes);
    const byCaller = this.#hasEnded || (bytes <= SMALL_BYTES && this.#jobs.length === 0);
    const port = byCaller ? undefined : (this.#port ?? this.#start());
    if (port === undefined) return this.#listener.encoded(place, encodeJob(job));
    const copy = copyJob(job, this.#buffers);
    port.postMessage(copy.job);
    this.#jobs.push({ place, bytes, buffers: copy.buffers });
    this.#pendingBytes += bytes;
  }

  /** Receives the replies that the thread has sent. */
  poll(): void {
    if (this.#jobs.length === 0 || Atomics.load(this.#replies, 0) === this.#received) return;
    while (this.#port !== undefined) {
      const message = receiveMessageOnPort(this.#port) as { message: PayloadReply } | undefined;
      if (message === undefined) return;
      this.#receive(message.message);
    }
  }

  /** Blocks until at most `bytes` are pending; left out: until no job is. A thread that sends no reply within `timeoutMs` is ended. */
  wait(timeoutMs: number, bytes = -1): void {
    while (this.#jobs.length > 0 && this.#pendingBytes > bytes) {
      Atomics.wait(this.#replies, 0, this.#received, timeoutMs);
      const before = this.#received;
      this.poll();
      if (this.#received === before) return this.#end(`It did not answer within ${timeoutMs} ms.`);
    }
  }

  /** Resolves when no job is pending; keeps the process alive until then. */
  idle(): Promise<void> {
    this.poll();
    if (this.#jobs.length === 0) return Promise.resolve();
    this.#port?.ref();
    return new Promise((resolve) => this.#onIdle.push(resolve));
  }

  /** Ends the thread; jobs that are still pending are reported as lost. */
  stop(): void {
    if (this.#jobs.length > 0) this.#end("It was stopped before it had answered.");
    this.#hasEnded = true;
    this.#terminate();
  }

  #start(): MessagePort | undefined {
    try {
      const { port1, port2 } = new MessageChannel();
      const workerData: ThreadInput = { port: port2, replies: this.#replies };
      const worker = startThread(this.#script, {
        name: "trainscope tensorboard",
        workerData,
        transferList: [port2],
      });
      worker.on("error", (error) => this.#end(messageOf(error)));
      worker.on("exit", (code) => this.#end(`It ended with code ${code}.`));
      worker.unref();
      port1.on("message", (reply: PayloadReply) => this.#receive(reply));
      port1.unref();
      this.#worker = worker;
      this.#port = port1;
      return port1;
    } catch (error) {
      this.#end(messageOf(error));
      return undefined;
    }
  }

  #receive(reply: PayloadReply): void {
    const job = this.#jobs.shift();
    if (job === undefined) return;
    this.#received++;
    this.#pendingBytes -= job.bytes;
    for (const buffer of job.buffers) this.#buffers.release(buffer);
    if ("value" in reply) this.#listener.encoded(job.place, reply.value);
    else this.#listener.refused(job.place, reply.error);
    if (this.#jobs.length === 0) this.#resolveIdle();
  }

  #end(reason: string): void {
    if (this.#hasEnded) return;
    this.poll(); // replies that were sent before
    this.#hasEnded = true;
    const lost = this.#jobs.length;
    this.#jobs.length = 0;
    this.#pendingBytes = 0;
    this.#terminate();
    this.#listener.lost(lost, reason);
    this.#resolveIdle();
  }

  #terminate(): void {
    this.#port?.close();
    this.#port = undefined;
    this.#buffers.clear();
    void this.#worker?.terminate();
    this.#worker = undefined;
  }

  #resolveIdle(): void {
    this.#port?.unref();
    for (const resolve of this.#onIdle.splice(0)) resolve();
  }
}
