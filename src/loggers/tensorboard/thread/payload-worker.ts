/** The thread that encodes histograms and images. */
import { workerData } from "node:worker_threads";
import { messageOf } from "../../../support/errors.js";
import { encodeJob, type PayloadJob, type PayloadReply, type ThreadInput } from "./payload-jobs.js";

const { port, replies } = workerData as ThreadInput;

port.on("message", (job: PayloadJob) => {
  port.postMessage(replyTo(job)); // copied, not transferred: see shared-buffers.ts
  Atomics.add(replies, 0, 1); // after the reply: a caller that reads the count can receive it
  Atomics.notify(replies, 0);
});

function replyTo(job: PayloadJob): PayloadReply {
  try {
    const value = encodeJob(job);
    // The whole buffer of a view is sent.
    return { value: value.byteLength < value.buffer.byteLength / 2 ? value.slice() : value };
  } catch (error) {
    return { error: messageOf(error) };
  }
}
