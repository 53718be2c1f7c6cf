/** A score belongs to the weights that it was measured on, whatever made the run save or check there. */
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { CheckpointManager } from "../../src/checkpoint/index.js";
import type { DataLoader, StateTree, TrainableModel } from "../../src/contract/index.js";
import { GenericTrainer, defineHook, type GenericTrainerConfig, type TrainerHooks } from "../../src/index.js";
import { temporaryRuns } from "../support/run.js";

const runsDir = temporaryRuns();

/** Each step adds 1 to its one weight; the weights of step 20 are the best ones. */
class CountingModel implements TrainableModel<number> {
  readonly metricNames: readonly string[] = [];
  w = 0;
  /** A batch of 0 is a micro-batch, which updates nothing. */
  trainStep(batch: number): { loss: number; batchSize: number; updated: boolean } {
    this.w += batch;
    return { loss: 1 / this.w, batchSize: 1, updated: batch !== 0 };
  }
  evalStep(): { loss: number; batchSize: number } {
    return { loss: scoreAt(this.w), batchSize: 1 };
  }
  state(): StateTree {
    return { w: { shape: [1], dtype: "F64", data: Float64Array.of(this.w) } };
  }
  loadState(state: StateTree): void {
    this.w = state["w"]?.data[0] as number;
  }
}

function scoreAt(w: number): number {
  return Math.abs(w - 20) + 0.5;
}

const BATCHES: Record<string, (count: number) => DataLoader<number> | number[]> = {
  "an array": (count) => Array<number>(count).fill(1),
  "an async loader of unknown length": (count) => ({
    async *batches() {
      for (let i = 0; i < count; i++) yield await Promise.resolve(1);
    },
  }),
  "micro-batches": (count) => Array.from({ length: 2 * count }, (_, i) => i % 2),
};

let runs = 0;

async function train(
  given: Partial<GenericTrainerConfig> & { checkpoint?: NonNullable<GenericTrainerConfig["hooks"]>["modelCheckpointConfig"] },
  options: { loader?: string; batches?: number; hooks?: TrainerHooks<number>[] } = {},
) {
  const { checkpoint, ...config } = given;
  const runName = `scores-${runs++}`;
  const model = new CountingModel();
  const trainer = new GenericTrainer<number>(
    {
      maxEpochs: 4,
      runsDir,
      runName,
      ...config,
      hooks: {
        enableModelCheckpointHook: true,
        ...config.hooks,
        modelCheckpointConfig: { maxCheckpoints: 100, ...checkpoint },
      },
    },
    model,
  );
  const warnings: string[] = [];
  trainer.events.on("warning", ({ message }) => warnings.push(message));
  for (const hook of options.hooks ?? []) trainer.hookManager.registerHook(hook);
  const make = BATCHES[options.loader ?? "an array"] as (typeof BATCHES)[string];
  const result = await trainer.fit({ train: make(options.batches ?? 10), validation: [1] });
  const manager = new CheckpointManager({ dir: join(runsDir, runName, "checkpoints"), monitor: "val/loss" });
  const list = await manager.list();
  const best = await manager.loadBest();
  await manager.close();
  return { model, result, warnings, list, best };
}

function at(step: number, ask: (trainer: Parameters<NonNullable<TrainerHooks["onTrainBatchEnd"]>>[0]) => void) {
  return defineHook<number>("asks", {
    onTrainBatchEnd: (trainer) => {
      if (trainer.state.step === step) ask(trainer);
    },
  });
}

describe.each(Object.keys(BATCHES))("%s", (loader) => {
  test.each([
    { name: "steps that end epochs", checkpoint: { everyNSteps: 10, everyNEpochs: undefined }, ranked: [10, 20, 30, 40] },
    { name: "steps within epochs", checkpoint: { everyNSteps: 4, everyNEpochs: undefined }, ranked: [20, 40] },
    { name: "epochs", checkpoint: { everyNEpochs: 1 }, ranked: [10, 20, 30, 40] },
    { name: "epochs and steps", checkpoint: { everyNEpochs: 2, everyNSteps: 5 }, ranked: [10, 20, 30, 40] },
    { name: "every second epoch", checkpoint: { everyNEpochs: 2 }, ranked: [20, 40] },
    {
      name: "validation every 2 steps, saves every 3",
      config: { validation: { everyNSteps: 2 } },
      checkpoint: { everyNSteps: 3, everyNEpochs: undefined },
      ranked: [6, 12, 18, 24, 30, 36, 40],
    },
    {
      name: "validation every second epoch",
      config: { validation: { everyNEpochs: 2 } },
      checkpoint: { everyNEpochs: 1 },
      ranked: [20, 40],
    },
    { name: "maxSteps within an epoch", config: { maxSteps: 25 }, checkpoint: { everyNSteps: 5 }, ranked: [10, 20, 25] },
  ])("saved by $name", async ({ config = {}, checkpoint, ranked }) => {
    const { list, best } = await train({ ...config, checkpoint }, { loader });
    const scored = list.filter(({ metrics }) => metrics["val/loss"] !== undefined);
    expect(new Set(scored.map(({ step }) => step))).toEqual(new Set(ranked));
    for (const { step, metrics } of scored) expect(metrics["val/loss"]).toBe(scoreAt(step));
    const bestStep = ranked.toSorted((a, b) => scoreAt(a) - scoreAt(b))[0] as number;
    expect(best?.info.step).toBe(bestStep);
    expect(best?.model["w"]?.data[0]).toBe(bestStep);
  });
});

test("saves by minutes: those that are ranked have the score of their own step", async () => {
  const { list } = await train({ checkpoint: { everyMinutes: 1e-9, everyNEpochs: undefined } });
  expect(list.at(-1)).toMatchObject({ step: 40, metrics: { "val/loss": scoreAt(40) } });
  for (const { step, metrics } of list) {
    expect(metrics["val/loss"]).toBe(step % 10 === 0 ? scoreAt(step) : undefined);
  }
});

test("a checkpoint on request, between two validations, has no score and is not the best", async () => {
  const hook = at(25, (trainer) => trainer.requestCheckpoint("by hand", { keep: true }));
  const { list, best } = await train({ checkpoint: { everyNEpochs: 1 } }, { hooks: [hook] });
  expect(list.find(({ step }) => step === 25)?.metrics).toEqual({});
  expect(best?.info.step).toBe(20);
});

test("a stop between two validations saves a state without a score", async () => {
  const hook = at(23, (trainer) => trainer.requestStop("enough"));
  const { list, best, result } = await train({ checkpoint: { everyNEpochs: 5 } }, { hooks: [hook] });
  expect(result).toMatchObject({ status: "stopped", reason: "enough", steps: 23 });
  expect(list.map(({ step, metrics }) => [step, metrics])).toEqual([[23, {}]]);
  expect(best).toBeNull();
});

test("saves that are never at a measured step are said to have no best, once", async () => {
  const { warnings, best } = await train({
    maxEpochs: 6,
    checkpoint: { everyNSteps: 7, everyNEpochs: undefined, saveLast: false },
  });
  expect(best).toBeNull();
  expect(warnings.filter((message) => message.includes("none of them can be the best"))).toHaveLength(1);
});

test("restoreBest gives back the weights of the best score", async () => {
  const hooks = {
    enableEarlyStoppingHook: true,
    earlyStoppingConfig: { monitor: "val/loss", patience: 5, restoreBest: true },
  };
  const { model, result } = await train({ hooks, validation: { everyNSteps: 3 } });
  expect(result.best["val/loss"]).toMatchObject({ value: 1.5, step: 21 });
  expect(model.w).toBe(21);
});

describe("a metric that a hook logs", () => {
  const logging = (method: "onEpochEnd" | "onTrainEpochEnd", everyNEpochs: number) =>
    defineHook<number>("scorer", {
      produces: ["score/distance"],
      [method]: (trainer: Parameters<TrainerHooks["onEpochEnd"]>[0], epoch: number) => {
        if ((epoch + 1) % everyNEpochs === 0)
          trainer.logger.logMetrics({ "score/distance": scoreAt(trainer.state.step) }, trainer.state.step);
      },
    });

  test.each(["onEpochEnd", "onTrainEpochEnd"] as const)(
    "in %s is checked once, with the weights it was measured on",
    async (method) => {
      const hooks = {
        enableEarlyStoppingHook: true,
        earlyStoppingConfig: { monitor: "score/distance", mode: "min" as const, patience: 2, restoreBest: true },
      };
      const { model, result } = await train({ maxEpochs: 20, hooks }, { hooks: [logging(method, 1)] });
      expect(result).toMatchObject({ status: "stopped", epochs: 4, steps: 40 });
      expect(model.w).toBe(20);
    },
  );

  test("every third epoch: the epochs between do not count as checks", async () => {
    const hooks = {
      enableEarlyStoppingHook: true,
      earlyStoppingConfig: { monitor: "score/distance", mode: "min" as const, patience: 2 },
    };
    const { result } = await train({ maxEpochs: 20, hooks }, { batches: 5, hooks: [logging("onTrainEpochEnd", 3)] });
    expect(result).toMatchObject({ status: "stopped", epochs: 9 }); // checks after 3, 6 and 9 epochs, the last two worse
  });
});
