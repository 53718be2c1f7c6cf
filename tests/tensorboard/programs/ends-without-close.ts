/** Logs to a directory and ends without a close. */
import { SummaryWriter } from "../../../src/loggers/tensorboard/index.js";

const writer = new SummaryWriter(process.argv[2] as string, { flushIntervalMs: 1e9 });
for (let step = 1; step <= 10; step++) {
  writer.addScalar("loss", step, step);
  writer.addHistogram("weights", new Float32Array(100_000).fill(step), step);
}
