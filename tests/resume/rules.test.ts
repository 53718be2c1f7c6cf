import { mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { CheckpointManager } from "../../src/checkpoint/index.js";
import { defineHook, type CheckpointInfo, type FitData, type GenericTrainerConfig } from "../../src/index.js";
import { linearBatches, type Rows } from "../support/linear-model.js";
import { temporaryRuns } from "../support/run.js";
import { attempt } from "./harness.js";

const home = temporaryRuns();
let count = 0;

const data = (): FitData<Rows> => ({
  train: linearBatches(6, 8, { kind: "logistic", seed: 1 }),
  validation: linearBatches(2, 8, { kind: "logistic", seed: 2 }),
});

/** A config for a run of its own. */
function fresh(more: GenericTrainerConfig = {}): GenericTrainerConfig {
  return {
    maxEpochs: 3,
    runName: "run",
    runsDir: join(home, `rules-${++count}`),
    ...more,
    hooks: { enableModelCheckpointHook: true, ...more.hooks },
  };
}

const stopping = (patience: number): GenericTrainerConfig["hooks"] => ({
  enableModelCheckpointHook: true,
  enableEarlyStoppingHook: true,
  earlyStoppingConfig: { monitor: "val/loss", patience, minDelta: 100 },
});

describe("whether a run continues", () => {
  test("must, without a run, names the runs there are", async () => {
    const config = fresh();
    await attempt({ config: { ...config, runName: "digits" }, data: data() });
    await expect(attempt({ config: { ...config, runName: "digit", resume: "must" }, data: data() })).rejects.toMatchObject({
      code: "ERR_RESUME",
      path: "resume",
      message: expect.stringContaining('Nearest: "digits"') as unknown,
    });
  });

  test("must, in a directory without checkpoints, is an error", async () => {
    const config = fresh();
    mkdirSync(join(config.runsDir as string, "run"), { recursive: true });
    await expect(attempt({ config: { ...config, resume: "must" }, data: data() })).rejects.toMatchObject({ code: "ERR_RESUME" });
  });

  test("auto starts from the beginning where there is nothing, and says so where there is a directory", async () => {
    const config = fresh({ resume: "auto" });
    const first = await attempt({ config, data: data() });
    expect(first.trainer.run).toMatchObject({ attempt: 1, resumedFromStep: null });
    const other = fresh({ resume: "auto" });
    mkdirSync(join(other.runsDir as string, "run"), { recursive: true });
    const { memory, result } = await attempt({ config: other, data: data() });
    expect(result.steps).toBe(18);
    expect(memory.warnings.join()).toContain("holds no checkpoint of this run, so the run starts from the beginning");
  });

  test("never, where there is a run, offers both ways out", async () => {
    const config = fresh();
    await attempt({ config, data: data() });
    await expect(attempt({ config, data: data() })).rejects.toMatchObject({
      code: "ERR_RUN_EXISTS",
      message: expect.stringMatching(/resume: "auto" or "must".*another runName/s) as unknown,
    });
  });

  test("a completed run does not train on; with more epochs it does", async () => {
    const config = fresh();
    await attempt({ config, data: data() });
    const again = await attempt({ config: { ...config, resume: "must" }, data: data() });
    expect(again.result).toMatchObject({ status: "completed", steps: 18, epochs: 3 });
    expect(again.memory.points.some(({ name }) => name === "train/loss_step")).toBe(false);
    const more = await attempt({ config: { ...config, resume: "must", maxEpochs: 5 }, data: data() });
    expect(more.result).toMatchObject({ status: "completed", steps: 30, epochs: 5 });
  });

  test.each([
    { name: "the same config", change: {}, continues: false },
    { name: "another seed, the same patience", change: { seed: 9 }, continues: false },
    { name: "more patience", change: { hooks: stopping(6) }, continues: true },
    { name: "no early stopping", change: { hooks: { enableModelCheckpointHook: true } }, continues: true },
  ])("a run that early stopping had ended, resumed with $name", async ({ change, continues }) => {
    const config = fresh({ maxEpochs: 12, hooks: stopping(2) });
    const first = await attempt({ config, data: data() });
    expect(first.result).toMatchObject({ status: "stopped", epochs: 3 });
    const { result } = await attempt({ config: { ...config, ...change, resume: "must" }, data: data() });
    if (continues) expect(result.epochs).toBeGreaterThan(3);
    else
      expect(result).toMatchObject({
        status: "stopped",
        epochs: 3,
        steps: 18,
        reason: expect.stringContaining("earlyStopping: ") as unknown,
      });
  });

  test("a run that a hook had stopped continues only under another config", async () => {
    const config = fresh({ maxEpochs: 4 });
    const hooks = () => [
      defineHook<Rows>("enough", {
        onTrainBatchEnd: (trainer) => {
          if (trainer.state.step === 8) trainer.requestStop("enough");
        },
      }),
    ];
    await attempt({ config, data: data(), hooks: hooks() });
    const same = await attempt({ config: { ...config, resume: "must" }, data: data(), hooks: hooks() });
    expect(same.result).toMatchObject({ status: "stopped", reason: "enough", steps: 8 });
    const changed = await attempt({ config: { ...config, maxEpochs: 5, resume: "must" }, data: data(), hooks: hooks() });
    expect(changed.result).toMatchObject({ status: "completed", steps: 30 });
  });
});

describe("what changed", () => {
  test("is used, warned about, and stored beside", async () => {
    const config = fresh();
    await attempt({ config: { ...config, maxEpochs: 2 }, data: data() });
    const { memory, trainer } = await attempt({ config: { ...config, resume: "must", yieldEveryMs: 5 }, data: data() });
    expect(memory.warnings.find((warning) => warning.includes("The config differs from the one"))).toMatch(
      /maxEpochs: 2 before, 3 now\nyieldEveryMs: 20 before, 5 now/,
    );
    expect(readFileSync(join(trainer.run.dir, "config.resume-1.yaml"), "utf8")).toContain("yieldEveryMs: 5");
    expect(readFileSync(join(trainer.run.dir, "config.yaml"), "utf8")).toContain("yieldEveryMs: 20");
  });

  test.each([{ name: "other loaders", data: { train: { other: linearBatches(6, 8, { kind: "logistic" }) } }, says: "other" }])(
    "$name do not fit",
    async ({ data: other, says }) => {
      const config = fresh({ hooks: { modelCheckpointConfig: { monitor: "train/loss" } } });
      await attempt({ config, data: data() });
      await expect(attempt({ config: { ...config, maxEpochs: 4, resume: "must" }, data: other })).rejects.toMatchObject({
        code: "ERR_RESUME",
        message: expect.stringContaining(says) as unknown,
      });
    },
  );
});

describe("checkpoints of a run", () => {
  test("hooks and listeners hear of each, the result names the last, the report counts them", async () => {
    const heard: CheckpointInfo[] = [];
    const config = fresh({ hooks: { modelCheckpointConfig: { everyNSteps: 4, maxCheckpoints: 2, saveTopK: 0 } } });
    const hook = defineHook<Rows>("listener", { onCheckpointSaved: (_, info) => void heard.push(info) });
    const { result } = await attempt({ config, data: data(), hooks: [hook] });
    expect(heard.map(({ step }) => step)).toEqual([4, 8, 12, 16, 18]);
    expect(result.checkpoint).toBe(heard.at(-1)?.path);
    expect(result.delivery.find(({ backend }) => backend === "checkpoints")).toMatchObject({
      delivered: 5,
      dropped: 0,
      pending: 0,
    });
    const left = readdirSync(join(result.dir, "checkpoints")).filter((name) => name.startsWith("epoch-"));
    expect(left.toSorted()).toEqual(["epoch-2-step-16", "epoch-2-step-18"]);
  });

  test.each([
    { onSaveError: "continue", status: "completed", steps: 18 },
    { onSaveError: "stop", status: "stopped", steps: 6 },
  ] as const)("a directory that cannot be made: $onSaveError", async ({ onSaveError, status, steps }) => {
    const blocked = join(home, `file-${++count}`);
    writeFileSync(blocked, "in the way");
    const { result, memory } = await attempt({
      config: fresh({ hooks: { modelCheckpointConfig: { dir: join(blocked, "checkpoints"), onSaveError } } }),
      data: data(),
    });
    expect(result.status).toBe(status);
    if (onSaveError === "continue") expect(result.steps).toBe(steps);
    expect(result.checkpoint).toBeNull();
    expect(memory.warnings.join()).toContain(blocked);
    expect(result.delivery.find(({ backend }) => backend === "checkpoints")?.error).toContain(blocked);
  });

  test("a directory that another trainer saves into is refused before the first step", async () => {
    const dir = join(home, `shared-${++count}`);
    await using other = new CheckpointManager({ dir });
    await other.lock();
    let steps = 0;
    const counter = defineHook<Rows>("counter", { onTrainBatchEnd: () => void steps++ });
    const config = fresh({ hooks: { modelCheckpointConfig: { dir } } });
    await expect(attempt({ config, data: data(), hooks: [counter] })).rejects.toMatchObject({ code: "ERR_CHECKPOINT_LOCKED" });
    expect(steps).toBe(0);
  });

  test("a damaged last one is named, and the one before is resumed", async () => {
    const config = fresh({ hooks: { modelCheckpointConfig: { everyNSteps: 4 } } });
    const { result } = await attempt({ config, data: data(), interruptAt: 13 });
    writeFileSync(join(result.checkpoint as string, "model.safetensors"), "not a tensor");
    const second = await attempt({ config: { ...config, resume: "must" }, data: data() });
    expect(second.trainer.run.resumedFromStep).toBe(12);
    expect(second.memory.warnings.join()).toContain("step-13");
    expect(second.result.steps).toBe(18);
  });

  test("best weights that early stopping keeps survive a resume", async () => {
    const hooks = {
      enableModelCheckpointHook: true,
      enableEarlyStoppingHook: true,
      earlyStoppingConfig: { monitor: "train/loss", patience: 3, restoreBest: true },
    };
    const rising = [
      defineHook<Rows>("worse", {
        onEpochEnd: (trainer) => {
          for (const optimizer of trainer.optimizers) optimizer.learningRate = -0.5;
        },
      }),
    ];
    const config = fresh({ maxEpochs: 9, hooks });
    const whole = await attempt({ config: fresh({ maxEpochs: 9, hooks }), data: data(), hooks: rising });
    expect(whole.result.status).toBe("stopped");
    await attempt({ config, data: data(), hooks: rising, interruptAt: 15 });
    const second = await attempt({ config: { ...config, resume: "must" }, data: data(), hooks: rising });
    expect(second.model.bytes).toBe(whole.model.bytes);
  });
});
