/** The thread that makes histograms and pictures. */
import { workerData } from "node:worker_threads";
import { messageOf } from "../../../support/errors.js";
import { encodeJob, type PayloadJob, type PayloadReply, type ThreadInput } from "./payload-jobs.js";

const { port, replies } = workerData as ThreadInput;

port.on("message", (job: PayloadJob) => {
  port.postMessage(replyTo(job)); // copied: see shared-buffers.ts
  Atomics.add(replies, 0, 1); // after the reply: who sees the count can take it
  Atomics.notify(replies, 0);
});

function replyTo(job: PayloadJob): PayloadReply {
  try {
    const value = encodeJob(job);
    // What is sent of a view is all of its buffer.
    return { value: value.byteLength < value.buffer.byteLength / 2 ? value.slice() : value };
  } catch (error) {
    return { error: messageOf(error) };
  }
}
