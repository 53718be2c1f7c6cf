/** A console whose reader sleeps while it is flooded. A line on standard input says that it reads, a second one that it has read what waited. */
import { writeSync } from "node:fs";
import { createInterface } from "node:readline";
import { ConsoleBackend } from "trainscope/loggers";

const shown = new ConsoleBackend({ color: false });
for (let step = 1; step <= 10_000; step++) shown.logText("note", "x".repeat(290), step);
const started = performance.now();
await shown.flush();
writeSync(2, JSON.stringify({ waited: performance.now() - started, waiting: process.stdout.writableLength }));
const lines = createInterface(process.stdin)[Symbol.asyncIterator]();
await lines.next();
await lines.next();
await shown.flush();
shown.logText("note", "after", 10_001);
const [report] = await shown.close("completed");
writeSync(2, `\n${JSON.stringify(report)}`);
process.stdin.destroy();
