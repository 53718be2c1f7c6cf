/**
 * Faults of a real disk and a real thread during a training run: the run completes, records that are kept are written once the
 * disk works again, and records that are lost are counted by `close`.
 */
import { randomFillSync } from "node:crypto";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Worker } from "node:worker_threads";
import { afterEach, describe, expect, test } from "vitest";
import { GenericTrainer, defineHook, type DeliveryReport, type FitResult, type TrainerHooks } from "../../src/index.js";
import { SummaryWriter } from "../../src/loggers/tensorboard/index.js";
import { readScalars } from "../support/event-files.js";
import { LinearModel, linearBatches, type Rows } from "../support/linear-model.js";
import { canMount, mountTmpfs, remount } from "../support/peers.js";
import { MemoryBackend } from "../support/memory-backend.js";
import { temporaryRuns } from "../support/run.js";

const root = temporaryRuns();
const STEPS = 400;
let count = 0;
const releases: (() => void)[] = [];
afterEach(() => {
  for (const release of releases.splice(0)) release();
});

/** Trains a run that logs every step to TensorBoard, in `base`. */
async function train(base: string, hook: TrainerHooks<Rows>, weights = false): Promise<FitResult & { warnings: string[] }> {
  const memory = new MemoryBackend();
  const model = new LinearModel({ width: weights ? 30_000 : 2, kind: "logistic" });
  const config = {
    maxEpochs: 1,
    runsDir: root,
    runName: `run-${++count}`,
    logLevel: "silent",
    logging: {
      loggerType: "composite",
      compositeLoggers: ["tensorboard"],
      tensorboardDir: base,
      logEveryNSteps: 1,
      loggers: [memory],
    },
    hooks: weights ? { enableWeightHistograms: true, weightHistogramsConfig: { histogramFreq: 1 } } : {},
  } as const;
  const trainer = new GenericTrainer<Rows>(config, model, model.optimizer);
  trainer.hookManager.registerHook(hook);
  const result = await trainer.fit({ train: linearBatches(STEPS, 4, { kind: "logistic" }) });
  return { ...result, warnings: memory.warnings };
}

function boardReport(result: FitResult): DeliveryReport {
  const report = result.delivery.find(({ backend }) => backend === "tensorboard");
  if (report === undefined) throw new Error("no report of tensorboard");
  return report;
}

const stepsOf = (base: string): number[] => {
  const dir = join(base, `run-${count}`);
  return readScalars(dir).flatMap(([tag, step]) => (tag === "train/loss_step" ? [step] : []));
};
const all = Array.from({ length: STEPS }, (_, index) => index + 1);

/** Acts after a step; flushes after the step before it and at every fiftieth, so that a file is open by then. */
function after(acts: Readonly<Record<number, () => void | Promise<unknown>>>): TrainerHooks<Rows> {
  return defineHook<Rows>("fault", {
    async onTrainBatchEnd({ state: { step }, logger }) {
      await acts[step]?.();
      if (step % 50 === 0 || acts[step + 1] !== undefined) await logger.flush();
    },
  });
}
const nothing = after({});

const mounts = canMount();

describe.skipIf(!mounts)("a disk", () => {
  function disk(size: string): string {
    const point = join(root, `disk-${++count}`);
    const { release } = mountTmpfs(point, size);
    releases.push(release);
    return point;
  }

  test("that is full to the end: the run completes, and every lost record is counted", async () => {
    const result = await train(disk("16k"), nothing);
    const { delivered, dropped, pending, error } = boardReport(result);
    expect([result.status, result.steps]).toEqual(["completed", STEPS]);
    expect(dropped).toBeGreaterThan(0);
    expect([pending, error]).toEqual([0, expect.stringContaining("ENOSPC")]);
    const whole = await train(join(root, "whole"), nothing);
    expect(delivered + dropped - 1).toBe(boardReport(whole).delivered); // the warning is a record too
    expect(result.warnings).toEqual([expect.stringMatching(/could not be written: ENOSPC[^]*is retried/)]);
  });

  test("that is full for a while: nothing is lost, nothing is doubled", async () => {
    const base = disk("256k");
    const filler = join(base, "filler");
    const fill = (): void => {
      expect(() => writeFileSync(filler, new Uint8Array(300 * 1024))).toThrow("ENOSPC");
    };
    const result = await train(base, after({ 20: fill, 300: () => rmSync(filler) }));
    expect(result.status).toBe("completed");
    expect(boardReport(result)).toMatchObject({ dropped: 0, pending: 0 });
    expect(stepsOf(base)).toEqual(all);
  });

  test("that is read-only for a while: nothing is lost, nothing is doubled", async () => {
    const base = disk("4m");
    remount(base, "ro"); // before the run: an open file keeps a disk writable
    const result = await train(base, after({ 200: () => remount(base, "rw") }));
    expect(result.status).toBe("completed");
    expect(boardReport(result)).toMatchObject({ dropped: 0, pending: 0 });
    expect(stepsOf(base)).toEqual(all);
  });
});

test("a directory deleted under a running writer: records continue in a new file, and those lost with the old one are counted", async () => {
  const base = join(root, "deleted");
  const result = await train(base, after({ 200: () => rmSync(base, { recursive: true }) }));
  expect(result.status).toBe("completed");
  const { dropped, pending, error } = boardReport(result);
  expect(dropped).toBeGreaterThanOrEqual(199);
  expect([pending, error]).toEqual([0, expect.stringContaining("was deleted")]);
  const lost = expect.stringContaining("Records continue in a new file") as string;
  expect(result.warnings).toEqual([lost, lost]); // the events, and the hparams beside them
  const steps = stepsOf(base);
  expect(steps).toEqual(all.slice(STEPS - steps.length));
  expect(steps.length).toBeGreaterThanOrEqual(STEPS - 200);
});

test("a thread that dies: the run completes, scalars are whole, and the histograms lost with it are counted", async () => {
  const base = join(root, "thread");
  let thread: Worker | undefined;
  process.once("worker", (worker) => (thread = worker));
  const kills = defineHook<Rows>("kills", {
    async onTrainBatchEnd({ state: { step }, logger }) {
      if (step !== 150) return;
      const data = randomFillSync(new Uint8Array(3000 * 3000 * 3)); // takes half a second: it is pending when the thread ends
      logger.logImage("large", { width: 3000, height: 3000, channels: 3, data }, step);
      await thread?.terminate();
    },
  });
  const result = await train(base, kills, true);
  const { delivered, dropped, pending, error } = boardReport(result);
  expect(result.status).toBe("completed");
  expect(thread).toBeDefined();
  expect(dropped).toBeGreaterThan(0);
  expect([pending, error]).toEqual([0, expect.stringContaining("The thread that encodes histograms and images ended")]);
  expect(stepsOf(base)).toEqual(all);
  const without = await train(join(root, "without"), nothing);
  expect(delivered + dropped - 1).toBe(boardReport(without).delivered + STEPS + 1); // a histogram per step, the image, and the warning
  expect(result.warnings).toEqual([expect.stringContaining("of them were lost")]);
});

test("two writers in one directory: the second is refused, a child's too", async () => {
  const writer = new SummaryWriter(join(root, "twice"));
  writer.child("train");
  expect(() => new SummaryWriter(join(root, "twice/train"))).toThrow(/ERR_LOG/);
  await writer.close();
});
