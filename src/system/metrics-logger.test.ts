import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { afterEach, describe, expect, test } from "vitest";
import type { PointTime } from "../contract/index.js";
import { SystemMetricsLogger } from "./metrics-logger.js";
import { systemMetricNames } from "./names.js";
import type { SystemMetricsLoggerOptions } from "./options.js";
import { SystemSampler } from "./sampler.js";

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

  test.each([
    { how: "throws", logMetrics: () => { throw new Error("disk full"); } }, // prettier-ignore
    { how: "rejects", logMetrics: () => Promise.reject(new Error("disk full")) },
  ])("a logger that $how is reported once and does not end the process", async ({ logMetrics }) => {
    const messages: string[] = [];
    const { system } = make({ logger: { logMetrics: logMetrics as () => void }, onWarning: (message) => messages.push(message) });
    for (let step = 0; step < 3; step++) {
      system.logMetrics(step);
      await sleep(20);
    }
    expect(messages).toEqual([expect.stringContaining("disk full")]);
  });

  test("a listener that throws or rejects does not end the process: an unhandled rejection would fail this test", async () => {
    const failures = [
      () => { throw new Error("no listener"); }, // prettier-ignore
      () => Promise.reject(new Error("no listener")),
    ];
    for (const onWarning of failures) {
      const { system } = make({ logger: { logMetrics: () => { throw new Error("disk full"); } }, onWarning: onWarning as () => void }); // prettier-ignore
      expect(system.logMetrics(1)).toBe(true);
      await sleep(20);
      await system.close();
    }
  });

  test.each([
    { options: { logCPU: false }, path: "SystemMetricsLogger.logCPU", says: 'Nearest: "logCpu"' },
    { options: { gpuDevice: -1 }, path: "SystemMetricsLogger.gpuDevice", says: "an integer of at least 0" },
    { options: { minIntervalMs: NaN }, path: "SystemMetricsLogger.minIntervalMs", says: "a number of at least 0" },
    { options: { logger: { log() {} } }, path: "SystemMetricsLogger.logger", says: "a `logMetrics` method" },
  ])("refuses the options $options", ({ options, path, says }) => {
    const call = (): unknown => new SystemMetricsLogger(options as object);
    expect(call).toThrow(expect.objectContaining({ code: "ERR_CONFIG", path }));
    expect(call).toThrow(says);
  });

  test.each([
    { options: {}, path: "step", says: "Allowed: a function" },
    { options: { step: () => 1, intervalMs: 0 }, path: "intervalMs", says: "an integer of at least 1" },
    { options: { step: () => 1, intervalMs: 2 ** 31 }, path: "intervalMs", says: "of at most 2147483647" },
    { options: { step: () => 1, intervalMS: 5 }, path: "intervalMS", says: 'Nearest: "intervalMs"' },
    { options: { step: () => 1, prefix: "" }, path: "prefix", says: "not empty" },
  ])("start refuses $options", ({ options, path, says }) => {
    const { system } = make();
    const call = (): unknown => system.start(options as never);
    expect(call).toThrow(expect.objectContaining({ code: "ERR_CONFIG", path: `SystemMetricsLogger.start.${path}` }));
    expect(call).toThrow(says);
  });

  test("the sampler refuses what it does not know", () => {
    expect(() => new SystemSampler({ logGPU: false } as object)).toThrow(
      expect.objectContaining({ code: "ERR_CONFIG", path: "SystemSampler.logGPU" }),
    );
    expect(() => new SystemSampler({ deviceTimeoutMs: 2 ** 31 })).toThrow(/SystemSampler\.deviceTimeoutMs[^]*at most 2147483647/);
  });

  test("names of what is on by default, and of nothing else", () => {
    expect(systemMetricNames()).toEqual(systemMetricNames({ logCpu: true, logMemory: true, logGpu: true }));
    expect(systemMetricNames({ logCpu: false, logMemory: false, logGpu: false, logDisk: true }, "node")).toEqual([
      "node/disk_read_mb_s",
      "node/disk_write_mb_s",
    ]);
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
