import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { LoggerProtocol, PointTime, RunInfo, RunState, SystemMetricsConfig, TrainerView } from "../../contract/index.js";
import { SystemMetricsHook } from "./system-metrics.js";

interface Logged {
  names: string[];
  step: number;
  epoch: number | undefined;
}

let logged: Logged[];
let events: string[];
let hook: SystemMetricsHook;
let state: { step: number; epoch: number; clock: { nowMs: number } };
let trainer: TrainerView;

beforeEach(() => {
  logged = [];
  events = [];
  state = { step: 0, epoch: 0, clock: { nowMs: 5000 } };
});

afterEach(async () => hook.onTrainEnd(trainer));

function begin(config: SystemMetricsConfig, rank = 0): void {
  const logger: Pick<LoggerProtocol, "logMetrics" | "logEvent"> = {
    logMetrics: (metrics: Readonly<Record<string, number>>, step: number, at?: PointTime) =>
      void logged.push({ names: Object.keys(metrics), step, epoch: at?.epoch }),
    logEvent: (name: string) => void events.push(name),
  };
  trainer = {
    state: state as unknown as RunState,
    run: { rank } as RunInfo,
    logger: logger as LoggerProtocol,
  } as TrainerView;
  hook = new SystemMetricsHook({ logGpu: false, ...config });
  hook.onTrainStart(trainer);
}

/** Steps to `step`, a batch each, the clock moving `msPerStep`. */
function stepTo(step: number, msPerStep = 1): void {
  while (state.step < step) {
    state.step += 1;
    state.clock.nowMs += msPerStep;
    hook.onTrainBatchEnd(trainer);
  }
}

describe("SystemMetricsHook", () => {
  test("logs at intervalSteps, with the step and epoch of the sample though it arrives later", async () => {
    begin({ intervalSteps: 10 });
    state.epoch = 3;
    stepTo(14);
    expect(logged).toEqual([]);
    while (logged.length === 0) await sleep(5);
    expect(logged[0]).toMatchObject({ step: 10, epoch: 3 });
    expect(logged[0]?.names).toContain("system/memory_percent");
  });

  test("samples are a second apart, however short the steps", async () => {
    begin({ intervalSteps: 1 });
    stepTo(2000);
    await hook.onTrainEnd(trainer);
    expect(logged.map(({ step }) => step)).toEqual([1]);
  });

  test("intervalSeconds goes by the run's clock", async () => {
    begin({ intervalSeconds: 2 });
    stepTo(19, 100);
    expect(hook.timeInSamplingMs).toBe(0);
    stepTo(25, 100);
    while (logged.length === 0) await sleep(5);
    expect(logged.map(({ step }) => step)).toEqual([20]);
  });

  test("a run shorter than the interval has one sample, at its end", async () => {
    begin({ intervalSteps: 100 });
    stepTo(3);
    await hook.onTrainEnd(trainer);
    expect(logged.map(({ step }) => step)).toEqual([3]);
  });

  test("the step that was just sampled is not sampled again at the end", async () => {
    begin({ intervalSteps: 5 });
    stepTo(5);
    await sleep(1050);
    await hook.onTrainEnd(trainer);
    expect(logged.map(({ step }) => step)).toEqual([5]);
  });

  test("micro-batches, which do not move the step, are not due", async () => {
    begin({ intervalSteps: 4 });
    for (let batch = 0; batch < 50; batch++) hook.onTrainBatchEnd(trainer);
    expect(hook.timeInSamplingMs).toBe(0);
  });

  test("another rank's names say so", async () => {
    begin({ intervalSteps: 1 }, 2);
    stepTo(1);
    await hook.onTrainEnd(trainer);
    expect(logged[0]?.names).toContain("system/rank2/memory_percent");
  });

  test("its names can be monitored", () => {
    begin({ logCpu: false, logNetwork: true });
    expect(hook.produces).toContain("system/network_send_mb_s");
    expect(hook.produces).not.toContain("system/cpu_percent");
    expect(new SystemMetricsHook().produces).toContain("system/gpu_utilization_percent");
  });

  test("a run that failed before its start has nothing to end", async () => {
    begin({});
    await new SystemMetricsHook().onTrainEnd(trainer);
    expect(logged).toEqual([]);
  });

  test("missing hardware is told as information", async () => {
    const path = process.env.PATH;
    process.env.PATH = "/nowhere";
    begin({ logGpu: true });
    while (events.length === 0) await sleep(5);
    process.env.PATH = path;
    expect(events).toEqual(["info"]);
  });
});
