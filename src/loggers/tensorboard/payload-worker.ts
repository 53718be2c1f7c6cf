/** The thread that makes histograms and pictures. */
import { workerData } from "node:worker_threads";
import { messageOf } from "../../errors.js";
import { encodeJob, type PayloadJob, type PayloadReply, type ThreadInput } from "./payload-jobs.js";

const { port, replies } = workerData as ThreadInput;

port.on("message", (job: PayloadJob) => {
  try {
    const value = encodeJob(job);
    port.postMessage({ value } satisfies PayloadReply, [value.buffer]);
  } catch (error) {
    port.postMessage({ error: messageOf(error) } satisfies PayloadReply);
  }
  Atomics.add(replies, 0, 1); // after the reply: who sees the count can take it
  Atomics.notify(replies, 0);
});
