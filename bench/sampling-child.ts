/** Prints how long one system sample keeps the event loop busy, in milliseconds, including Node's own work for it. */
import { setTimeout as sleep } from "node:timers/promises";
import { SystemMetricsLogger } from "trainscope/system";

const SAMPLES = 60;
const system = new SystemMetricsLogger({ minIntervalMs: 0 });

async function activeMs(work: () => Promise<unknown>): Promise<number> {
  const before = performance.eventLoopUtilization();
  for (let i = 0; i < SAMPLES; i++) {
    await sleep(25);
    await work();
  }
  return performance.eventLoopUtilization(before).active / SAMPLES;
}

await activeMs(() => system.sample()); // warms up
const idle = await activeMs(() => Promise.resolve());
const sampling = await activeMs(() => system.sample());
await system.close();
process.stdout.write(`${JSON.stringify({ sampleMs: sampling - idle })}\n`);
