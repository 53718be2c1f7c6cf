/** What happens before the first step, and what an end of the run there leaves behind. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { DataLoader, StateValue, StepResult } from "../../src/contract/index.js";
import { GenericTrainer, defineHook, type GenericTrainerConfig } from "../../src/index.js";
import { LinearModel, linearBatches, type Rows } from "../support/linear-model.js";
import { temporaryRuns } from "../support/run.js";

const runsDir = temporaryRuns();
const checkpoints: GenericTrainerConfig["hooks"] = {
  enableModelCheckpointHook: true,
  modelCheckpointConfig: { monitor: "train/loss" },
};

function newTrainer(config: GenericTrainerConfig, model = new LinearModel({ width: 2 })): GenericTrainer<Rows> {
  return new GenericTrainer<Rows>({ maxEpochs: 2, runsDir, logging: { loggerType: "none" }, ...config }, model);
}

test("a run that was abandoned before its first step makes nothing afterwards", async () => {
  let release = (_: StepResult): void => {};
  const model = Object.assign(new LinearModel({ width: 2 }), {
    metricNames: undefined,
    evalStep: () => new Promise<StepResult>((resolve) => (release = resolve)),
  });
  const controller = new AbortController();
  const early = { earlyStoppingPatience: 2, earlyStoppingMetric: "val_accuracy", earlyStoppingMode: "max" } as const;
  const trainer = newTrainer({ runName: "abandoned", ...early }, model as never);
  setTimeout(() => controller.abort(new Error("enough")), 1);
  const data = { train: linearBatches(3, 4), validation: linearBatches(1, 4) };
  await expect(trainer.fit(data, { signal: controller.signal, abandonAfterMs: 10 })).rejects.toMatchObject({
    code: "ERR_ABANDONED",
  });
  release({ loss: 1, batchSize: 1, metrics: { accuracy: 1 } });
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(existsSync(join(runsDir, "abandoned"))).toBe(false);
});

test("an abort ends the wait for the lock of a process that gives no sign of life", async () => {
  const dir = join(runsDir, "locked");
  mkdirSync(dir);
  const owner = { token: crypto.randomUUID(), pid: 1, host: "another-host", beat: 1 };
  writeFileSync(join(dir, ".lock"), JSON.stringify(owner));
  const fitting = newTrainer({ runName: "locked", resume: "auto" }).fit(
    { train: linearBatches(1, 4) },
    { signal: AbortSignal.timeout(300) },
  );
  await expect(fitting).rejects.toMatchObject({ code: "ERR_RUN_LOCKED" });
  await expect(fitting).rejects.toThrow("another-host");
  expect(readdirSync(dir)).toEqual([".lock"]);
});

test("a resume that fails closes the loaders that it has opened", async () => {
  const opened: string[] = [];
  const loader = (): DataLoader<Rows> => {
    const batches = linearBatches(4, 4);
    let taken = 0;
    return {
      length: 4,
      *batches() {
        opened.push("open");
        try {
          while (taken < 4) yield batches[taken++] as Rows;
        } finally {
          opened.push("closed");
        }
      },
      state: () => ({ taken }),
      loadState: (state: StateValue) => void (taken = (state as { taken: number }).taken),
    };
  };
  const controller = new AbortController();
  const hook = (fails: boolean) =>
    defineHook<Rows>("stateful", {
      onTrainBatchEnd: (trainer) => void (trainer.state.step === 2 && controller.abort(new Error("enough"))),
      state: () => 1,
      loadState: () => {
        if (fails) throw new TypeError("not mine");
      },
    });
  const config = { maxEpochs: 1, runName: "fails to resume", resume: "auto", hooks: checkpoints } as const;
  const first = newTrainer(config);
  first.hookManager.registerHook(hook(false));
  await first.fit({ train: { a: loader() } }, { signal: controller.signal });
  opened.length = 0;
  const second = newTrainer(config);
  second.hookManager.registerHook(hook(true));
  await expect(second.fit({ train: { a: loader() } })).rejects.toMatchObject({ code: "ERR_RESUME" });
  expect(opened.filter((what) => what === "open")).toHaveLength(opened.filter((what) => what === "closed").length);
  const third = newTrainer(config); // no lock stayed
  third.hookManager.registerHook(hook(false));
  expect(await third.fit({ train: { a: loader() } })).toMatchObject({ status: "completed" });
});

test("a save that fails is made once more when the run ends", async () => {
  const model = new LinearModel({ width: 2 });
  let fails = true;
  const state = model.state.bind(model);
  Object.assign(model, {
    state: () => {
      if (!fails) return state();
      fails = false;
      throw new TypeError("busy");
    },
  });
  const result = await newTrainer({ maxEpochs: 1, runName: "fails once", hooks: checkpoints }, model).fit({
    train: linearBatches(3, 4),
  });
  expect(result.status).toBe("completed");
  expect(result.checkpoint).toContain("step-3");
  expect(result.delivery.find(({ backend }) => backend === "checkpoints")).toMatchObject({ delivered: 1, dropped: 1 });
});

test("an abort ends a model.prepare that hangs", async () => {
  const model = Object.assign(new LinearModel({ width: 2 }), { prepare: () => new Promise<never>(() => {}) });
  const fitting = newTrainer({ runName: "prepares" }, model).fit(
    { train: linearBatches(1, 4) },
    { signal: AbortSignal.timeout(20), abandonAfterMs: 20 },
  );
  await expect(fitting).rejects.toMatchObject({ code: "ERR_ABANDONED" });
  await expect(fitting).rejects.toThrow("model.prepare");
});

test.runIf(canMakeFifo())("a FIFO in place of owner.json or config.yaml hangs nothing", async () => {
  const config = { maxEpochs: 1, runName: "fifo", resume: "auto", hooks: checkpoints } as const;
  await newTrainer(config).fit({ train: linearBatches(2, 4) });
  for (const name of ["owner.json", "config.yaml"]) {
    rmSync(join(runsDir, "fifo", name));
    execFileSync("mkfifo", [join(runsDir, "fifo", name)]);
  }
  const again = await newTrainer({ ...config, maxEpochs: 2 }).fit({ train: linearBatches(2, 4) });
  expect(again).toMatchObject({ status: "completed", steps: 4 });
});

test.runIf(existsSync("/proc/self"))("a runsDir below /proc is refused, and Node's endless loop there avoided", async () => {
  const fitting = newTrainer({ runsDir: "/proc/trainscope/runs" }).fit({ train: linearBatches(1, 4) });
  await expect(fitting).rejects.toMatchObject({ code: "ERR_RUN_DIR", path: "runsDir" });
});

function canMakeFifo(): boolean {
  return existsSync("/usr/bin/mkfifo") || existsSync("/bin/mkfifo");
}
