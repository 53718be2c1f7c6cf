/** A console whose reader sleeps while it is flooded, and reads again when this process reads its standard input. */
import { once } from "node:events";
import { writeSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { ConsoleBackend } from "trainscope/loggers";

const shown = new ConsoleBackend({ color: false });
for (let step = 1; step <= 10_000; step++) shown.logText("note", "x".repeat(290), step);
const started = performance.now();
await shown.flush();
writeSync(2, JSON.stringify({ waited: performance.now() - started, waiting: process.stdout.writableLength }));
await once(process.stdin, "data");
await sleep(500); // what waits is written meanwhile
await shown.flush();
shown.logText("note", "after", 10_001);
const [report] = await shown.close("completed");
writeSync(2, `\n${JSON.stringify(report)}`);
process.stdin.destroy();
