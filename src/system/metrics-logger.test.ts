import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { afterEach, describe, expect, test } from "vitest";
import type { PointTime } from "../contract/index.js";
import { SystemMetricsLogger, type SystemMetricsLoggerOptions } from "./metrics-logger.js";
import { systemMetricNames } from "./names.js";

interface Logged {
  metrics: Readonly<Record<string, number>>;
  step: number;
  at: PointTime | undefined;
}

let open: SystemMetricsLogger[] = [];

afterEach(async () => {
  for (const logger of open) await logger.close();
  open = [];
});

function make(options: SystemMetricsLoggerOptions = {}): { system: SystemMetricsLogger; logged: Logged[] } {
  const logged: Logged[] = [];
  const logger = {
    logMetrics: (metrics: Logged["metrics"], step: number, at?: PointTime) => void logged.push({ metrics, step, at }),
  };
  const system = new SystemMetricsLogger({ logGpu: false, minIntervalMs: 0, logger, ...options });
  open.push(system);
  return { system, logged };
}

describe("SystemMetricsLogger", () => {
  test("the names of the machine and of this process, in range", async () => {
    const { system } = make();
    await sleep(150); // a CPU percentage needs a window
    const values = await system.sample();
    expect(Object.keys(values).sort()).toEqual(systemMetricNames({ logGpu: false }).sort());
    expect(values["system/cpu_percent"]).toBeGreaterThanOrEqual(0);
    expect(values["system/cpu_percent"]).toBeLessThanOrEqual(100);
    expect(values["system/memory_percent"]).toBeGreaterThan(0);
    expect(values["system/memory_percent"]).toBeLessThan(100);
    const rss = values["system/process_rss_gb"] ?? 0;
    expect(rss).toBeGreaterThan(values["system/process_heap_gb"] ?? 0);
    expect(rss).toBeLessThan(values["system/memory_used_gb"] ?? 0);
  });

  test("what is switched off is not there", async () => {
    const { system } = make({ logCpu: false });
    await sleep(150);
    expect(Object.keys(await system.sample()).every((name) => /memory|process_(rss|heap)/.test(name))).toBe(true);
  });

  test("this process's CPU since the sample before, and the loop that it held up", async () => {
    const sinceMs = performance.now();
    const { system } = make();
    await sleep(50); // the timer behind the lag runs
    const before = process.cpuUsage();
    while (process.cpuUsage(before).user < 200_000);
    await sleep(30);
    const values = await system.sample();
    const elapsedMs = performance.now() - sinceMs;
    expect(((values["system/process_cpu_percent"] ?? 0) * elapsedMs) / 100).toBeGreaterThanOrEqual(190);
    expect(values["system/event_loop_lag_ms"]).toBeGreaterThan(150);
  });

  test.runIf(process.platform === "linux")("bytes a second of disk and network, from the second sample on", async () => {
    const { system } = make({ logDisk: true, logNetwork: true, logCpu: false, logMemory: false });
    expect(await system.sample()).toEqual({});
    await sleep(20);
    const second = await system.sample();
    expect(Object.keys(second).sort()).toEqual(
      ["system/disk_read_mb_s", "system/disk_write_mb_s", "system/network_receive_mb_s", "system/network_send_mb_s"].sort(),
    );
    for (const value of Object.values(second)) expect(value).toBeGreaterThanOrEqual(0);
  });

  test("a point has the step and the time of the call, and arrives later", async () => {
    const { system, logged } = make();
    const beforeSeconds = Date.now() / 1000;
    expect(system.logMetrics(7)).toBe(true);
    const afterSeconds = Date.now() / 1000;
    expect(logged).toEqual([]);
    await sleep(30);
    await system.close();
    expect(logged).toHaveLength(1);
    expect(logged[0]?.step).toBe(7);
    expect(logged[0]?.at?.wallTime).toBeGreaterThanOrEqual(beforeSeconds);
    expect(logged[0]?.at?.wallTime).toBeLessThanOrEqual(afterSeconds);
  });

  test("a thousand calls in a row are one sample", async () => {
    const { system, logged } = make({ minIntervalMs: 60_000 });
    let started = 0;
    for (let step = 1; step <= 1000; step++) if (system.logMetrics(step, "node")) started += 1;
    await system.close();
    expect(started).toBe(1);
    expect(logged.map(({ step }) => step)).toEqual([1]);
    expect(Object.keys(logged[0]?.metrics ?? {}).every((name) => name.startsWith("node/"))).toBe(true);
  });

  test("a sample soon after another is that one", async () => {
    const { system } = make({ minIntervalMs: 60_000 });
    expect(await system.sample()).toEqual(await system.sample());
  });

  test("samples add up the time they held the main thread", async () => {
    const { system } = make();
    await system.sample();
    const first = system.timeInSamplingMs;
    expect(first).toBeGreaterThan(0);
    await system.sample();
    expect(system.timeInSamplingMs).toBeGreaterThan(first);
  });

  test("the sample under way is logged by close; nothing is logged after it", async () => {
    const { system, logged } = make();
    system.logMetrics(1);
    await system.close();
    expect(logged).toHaveLength(1);
    expect(system.logMetrics(2)).toBe(false);
    await sleep(20);
    expect(logged).toHaveLength(1);
  });

  test("a logger that throws is told once and does not end the process", async () => {
    const told: string[] = [];
    const logger = { logMetrics: () => { throw new Error("disk full"); } }; // prettier-ignore
    const { system } = make({ logger, onWarning: (message) => told.push(message) });
    for (let step = 0; step < 3; step++) {
      system.logMetrics(step);
      await sleep(20);
    }
    expect(told).toEqual([expect.stringContaining("disk full")]);
  });

  test("without a logger", () => {
    const { system } = make({ logger: undefined });
    expect(() => system.logMetrics(1)).toThrow("There is no logger to log to");
    expect(() => system.start({ step: () => 1 })).toThrow("There is no logger to log to");
  });

  test("start logs on its own with the current step, also after a step function that threw, until stop", async () => {
    const { system, logged } = make();
    let step = 0;
    const next = (): number => {
      step += 1;
      if (step === 2) throw new Error("no step yet");
      return step;
    };
    system.start({ step: next, intervalMs: 10 });
    while (logged.length < 3) await sleep(5);
    system.stop();
    await sleep(30);
    const count = logged.length;
    await sleep(50);
    expect(logged).toHaveLength(count);
    expect(logged.map((point) => point.step)).not.toContain(2);
  });
});

test("a process that forgot to close ends by itself, and an awaited sample arrives before it does", async () => {
  const script = `
    import { SystemMetricsLogger } from "./src/system/index.ts";
    const system = new SystemMetricsLogger({ logger: { logMetrics() {} } });
    system.start({ step: () => 1, intervalMs: 50 });
    process.stdout.write(String(Object.keys(await system.sample()).length));
  `;
  const cwd = fileURLToPath(new URL("../..", import.meta.url));
  expect(readFileSync(`${cwd}package.json`, "utf8")).toContain("trainscope");
  const { stdout } = await promisify(execFile)(process.execPath, ["--import", "tsx", "--input-type=module", "-e", script], {
    cwd,
  });
  expect(Number(stdout)).toBeGreaterThan(3);
});
