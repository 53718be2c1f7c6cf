/** Shows a run on standard output while its reader leaves, then writes to standard error how it ended. */
import { writeSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import { CompositeLogger, ConsoleBackend } from "../../../src/loggers/index.js";

const logger = new CompositeLogger([new ConsoleBackend()]);
for (let step = 1; step <= 40; step++) {
  logger.logMetrics({ "train/loss_step": 1 / step }, step, { epoch: 0 });
  await setTimeout(10);
}
const listeners = process.stdout.listenerCount("error");
const reports = await logger.close("completed");
writeSync(2, JSON.stringify({ reports, listeners, after: process.stdout.listenerCount("error") }));
