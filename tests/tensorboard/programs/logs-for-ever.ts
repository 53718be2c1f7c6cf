/** Logs a point each millisecond to a directory, in one loop that never turns, and prints each step. */
import { writeSync } from "node:fs";
import { SummaryWriter } from "../../../src/loggers/tensorboard/index.js";

const writer = new SummaryWriter(process.argv[2] as string);
const pause = new Int32Array(new SharedArrayBuffer(4));
for (let step = 1; ; step++) {
  writer.addScalar("loss", step, step);
  writeSync(1, `${step}\n`);
  Atomics.wait(pause, 0, 0, 1);
}
