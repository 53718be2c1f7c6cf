/**
 * Writes numbered lines until it is killed. It writes how many it has logged to standard output, which is a file, with a
 * synchronous write after the log call has returned: `<count> <milliseconds>`.
 * Arguments: directory, pace, name of this attempt.
 */
import { writeSync } from "node:fs";
import { setImmediate, setTimeout } from "node:timers/promises";
import { TrainingLogger } from "../../../src/loggers/training-log/index.js";

const [dir = "", pace = "", attempt = ""] = process.argv.slice(2);
const logger = new TrainingLogger({ dir, run: attempt, maxBytes: 512 * 1024, metricsBufferSize: 1_000_000 }); // so that the clock alone decides
let count = 0;

function writeFive(): void {
  for (let i = 0; i < 5; i++) logger.info("line", { count: count++ });
  writeSync(1, `${count} ${Date.now()}\n`);
}

/** A training step that never yields to the event loop. */
function spin(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

for (;;) {
  writeFive();
  if (pace === "never turns") spin(1);
  else if (pace === "turns") {
    spin(1);
    await setImmediate();
  } else await setTimeout(50);
}
