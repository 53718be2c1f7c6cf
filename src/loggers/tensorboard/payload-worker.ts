/** The thread that makes histograms and pictures. */
import { workerData } from "node:worker_threads";
import { messageOf } from "../../errors.js";
import { encodeJob, jobBuffers, type PayloadJob, type PayloadReply, type ThreadInput } from "./payload-jobs.js";

const { port, replies } = workerData as ThreadInput;

port.on("message", (job: PayloadJob) => {
  const buffers = jobBuffers(job);
  try {
    const value = encodeJob(job);
    port.postMessage({ value, buffers } satisfies PayloadReply, [value.buffer, ...buffers]);
  } catch (error) {
    port.postMessage({ error: messageOf(error), buffers } satisfies PayloadReply, buffers);
  }
  Atomics.add(replies, 0, 1); // after the reply: who sees the count can take it
  Atomics.notify(replies, 0);
});
