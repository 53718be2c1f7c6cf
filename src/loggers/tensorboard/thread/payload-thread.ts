/**
 * Makes payloads in a thread.
 * - Order: replies come in the order of the jobs. While any is on its way, small jobs go through the thread too.
 * - The caller's arrays are copied when `add` is called. Copies on their way take at most 64 MiB: past that, `add` waits.
 * - Replies are taken when the event loop turns, and by `poll` in a loop that never turns.
 * - When the thread dies, its jobs are counted as lost and said; later ones are made by the caller.
 */
import { MessageChannel, receiveMessageOnPort, type MessagePort, type Worker } from "node:worker_threads";
import { messageOf } from "../../../support/errors.js";
import { startThread, threadEntry } from "../../../support/worker-thread.js";
import { copyJob, encodeJob, jobBytes, type PayloadJob, type PayloadReply, type ThreadInput } from "./payload-jobs.js";
import { SharedBuffers } from "./shared-buffers.js";

/** Where a payload belongs. `wallTime` in seconds since 1970. */
export interface PayloadPlace {
  tag: string;
  step: number;
  wallTime: number;
}

export interface PayloadListener {
  made(place: PayloadPlace, value: Uint8Array): void;
  refused(place: PayloadPlace, reason: string): void;
  /** The thread died with so many jobs. */
  lost(jobs: number, reason: string): void;
}

const SCRIPT = threadEntry(import.meta.url, "./payload-worker.js");
/** Copying and sending costs more than making a payload from so few bytes. */
const SMALL_BYTES = 8 * 1024;
const MAX_BYTES_ON_THE_WAY = 64 * 1024 * 1024;
/** How long a thread that says nothing is waited for. */
const SILENCE_MS = 10_000;

interface OnTheWay {
  place: PayloadPlace;
  bytes: number;
  buffers: readonly SharedArrayBuffer[];
}

export class PayloadThread {
  readonly #listener: PayloadListener;
  readonly #script: URL;
  readonly #replies: Int32Array = new Int32Array(new SharedArrayBuffer(4));
  readonly #jobs: OnTheWay[] = [];
  readonly #buffers = new SharedBuffers();
  #bytes = 0;
  #received = 0;
  #worker: Worker | undefined;
  #port: MessagePort | undefined;
  #isDead = false;
  #whenIdle: (() => void)[] = [];

  constructor(listener: PayloadListener, script: URL = SCRIPT) {
    this.#listener = listener;
    this.#script = script;
  }

  /** Jobs on their way. */
  get pending(): number {
    return this.#jobs.length;
  }

  /** Throws where the job cannot be read. */
  add(job: PayloadJob, place: PayloadPlace): void {
    const bytes = jobBytes(job);
    this.poll();
    if (this.#jobs.length > 0 && this.#bytes + bytes > MAX_BYTES_ON_THE_WAY) this.wait(SILENCE_MS, MAX_BYTES_ON_THE_WAY - bytes);
    const byCaller = this.#isDead || (bytes <= SMALL_BYTES && this.#jobs.length === 0);
    const port = byCaller ? undefined : (this.#port ?? this.#start());
    if (port === undefined) return this.#listener.made(place, encodeJob(job));
    const copy = copyJob(job, this.#buffers);
    port.postMessage(copy.job);
    this.#jobs.push({ place, bytes, buffers: copy.buffers });
    this.#bytes += bytes;
  }

  /** Takes the replies that are there. */
  poll(): void {
    if (this.#jobs.length === 0 || Atomics.load(this.#replies, 0) === this.#received) return;
    while (this.#port !== undefined) {
      const message = receiveMessageOnPort(this.#port) as { message: PayloadReply } | undefined;
      if (message === undefined) return;
      this.#take(message.message);
    }
  }

  /** Blocks until no more than `bytes` are on their way; a thread that is silent for `silenceMs` counts as dead. */
  wait(silenceMs: number, bytes = -1): void {
    while (this.#jobs.length > 0 && this.#bytes > bytes) {
      Atomics.wait(this.#replies, 0, this.#received, silenceMs);
      const before = this.#received;
      this.poll();
      if (this.#received === before) return this.#die(`It did not answer within ${silenceMs} ms.`);
    }
  }

  /** Resolves when nothing is on its way; keeps the process alive until then. */
  idle(): Promise<void> {
    this.poll();
    if (this.#jobs.length === 0) return Promise.resolve();
    this.#port?.ref();
    return new Promise((resolve) => this.#whenIdle.push(resolve));
  }

  /** Ends the thread; what is still on its way is lost, and said. */
  stop(): void {
    if (this.#jobs.length > 0) this.#die("It was stopped before it had answered.");
    this.#isDead = true;
    this.#shut();
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
      worker.on("error", (error) => this.#die(messageOf(error)));
      worker.on("exit", (code) => this.#die(`It ended with code ${code}.`));
      worker.unref();
      port1.on("message", (reply: PayloadReply) => this.#take(reply));
      port1.unref();
      this.#worker = worker;
      this.#port = port1;
      return port1;
    } catch (error) {
      this.#die(messageOf(error));
      return undefined;
    }
  }

  #take(reply: PayloadReply): void {
    const job = this.#jobs.shift();
    if (job === undefined) return;
    this.#received++;
    this.#bytes -= job.bytes;
    for (const buffer of job.buffers) this.#buffers.giveBack(buffer);
    if ("value" in reply) this.#listener.made(job.place, reply.value);
    else this.#listener.refused(job.place, reply.error);
    if (this.#jobs.length === 0) this.#settle();
  }

  #die(reason: string): void {
    if (this.#isDead) return;
    this.poll(); // what it had answered before
    this.#isDead = true;
    const lost = this.#jobs.length;
    this.#jobs.length = 0;
    this.#bytes = 0;
    this.#shut();
    this.#listener.lost(lost, reason);
    this.#settle();
  }

  #shut(): void {
    this.#port?.close();
    this.#port = undefined;
    this.#buffers.clear();
    void this.#worker?.terminate();
    this.#worker = undefined;
  }

  #settle(): void {
    this.#port?.unref();
    for (const resolve of this.#whenIdle.splice(0)) resolve();
  }
}
