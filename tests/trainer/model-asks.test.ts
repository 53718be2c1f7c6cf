/** What a model asks of the loop: to apply what it has accumulated when an epoch ends, and to end the run. */
import { describe, expect, test } from "vitest";
import { defineHook, GenericTrainer, type GenericTrainerConfig, type TrainableModel } from "../../src/index.js";
import { MemoryBackend } from "../support/memory-backend.js";
import { temporaryRuns } from "../support/run.js";

const runsDir = temporaryRuns();

/** Updates at every third batch, and by the rest when an epoch ends. */
class Accumulating implements TrainableModel<number> {
  collected = 0;
  readonly updates: number[] = [];
  stopRequested: string | null = null;

  trainStep(): { loss: number; batchSize: number; updated: boolean } {
    this.collected++;
    const updated = this.collected === 3;
    if (updated) this.endEpoch();
    return { loss: 1, batchSize: 1, updated };
  }

  endEpoch(): boolean {
    if (this.collected === 0) return false;
    this.updates.push(this.collected);
    this.collected = 0;
    return true;
  }

  evalStep = (): { loss: number; batchSize: number } => ({ loss: 1, batchSize: 1 });
  state = () => ({});
  loadState(): void {}
}

async function train(model: TrainableModel<number>, config: GenericTrainerConfig, hook?: Parameters<typeof defineHook>[1]) {
  const memory = new MemoryBackend();
  const trainer = new GenericTrainer<number>(
    {
      maxEpochs: 2,
      runsDir,
      logLevel: "silent",
      ...config,
      logging: { loggerType: "none", loggers: [memory], logEveryNSteps: 1 },
    },
    model,
  );
  const validated: number[] = [];
  trainer.hookManager.registerHook(defineHook("validated", { onValidationEnd: ({ state }) => void validated.push(state.step) }));
  if (hook !== undefined) trainer.hookManager.registerHook(defineHook("given", hook));
  const result = await trainer.fit({ train: [1, 2, 3, 4], validation: [1] });
  return { result, validated, logged: memory.series("train/loss_step").map(([step]) => step), trainer };
}

describe("endEpoch", () => {
  test("an update there is a step, with its log, its validation by steps and its count", async () => {
    const model = new Accumulating();
    const { result, validated, logged } = await train(model, { validation: { everyNSteps: 2 } });
    expect(model.updates).toEqual([3, 1, 3, 1]);
    expect(result).toMatchObject({ steps: 4, epochs: 2, status: "completed" });
    expect(validated).toEqual([2, 4]);
    expect(logged).toEqual([1, 2, 3, 4]);
  });

  test("maxSteps may be reached by it", async () => {
    const { result } = await train(new Accumulating(), { maxEpochs: 9, maxSteps: 2 });
    expect(result).toMatchObject({ steps: 2, epochs: 1, reason: "maxSteps 2 reached" });
  });

  test("it is not called where maxSteps is reached: no step comes behind it", async () => {
    const model = Object.assign(new Accumulating(), {
      trainStep: () => ({ loss: 1, batchSize: 1 }),
      endEpoch: () => true,
    });
    expect((await train(model, { maxEpochs: 9, maxSteps: 2 })).result).toMatchObject({ steps: 2, reason: "maxSteps 2 reached" });
    expect((await train(model, { maxEpochs: 9, maxSteps: 5 })).result).toMatchObject({ steps: 5, epochs: 1 });
  });

  test("it is not called where a stop cuts the epoch short", async () => {
    const model = new Accumulating();
    const { result } = await train(
      model,
      {},
      { onTrainBatchEnd: (view) => (view.state.batch === 2 ? view.requestStop("now") : undefined) },
    );
    expect(result).toMatchObject({ status: "stopped", steps: 0 });
    expect(model).toMatchObject({ collected: 2, updates: [] });
  });

  test("a promise is awaited; what it throws names it", async () => {
    const later = Object.assign(new Accumulating(), { endEpoch: () => Promise.resolve(true) });
    expect((await train(later, { maxEpochs: 1 })).result.steps).toBe(2);
    const failing = Object.assign(new Accumulating(), {
      trainStep: () => ({ loss: 1, batchSize: 1, updated: false }),
      endEpoch: () => {
        throw new RangeError("no memory");
      },
    });
    await expect(train(failing, {})).rejects.toMatchObject({
      code: "ERR_STEP",
      path: expect.stringContaining("model.endEpoch") as string,
    });
  });
});

describe("stopRequested of a model", () => {
  const asking = () => new Accumulating();

  test.each([
    { when: "onTrainBatchEnd", batches: 1, epochs: 0 },
    { when: "onTrainEpochEnd", batches: 4, epochs: 0 },
    { when: "onValidationEnd", batches: 4, epochs: 0 },
    { when: "onEpochEnd", batches: 4, epochs: 1 },
  ] as const)("set in $when, it ends the run there", async ({ when, batches }) => {
    const model = asking();
    const set = () => {
      model.stopRequested = "enough";
    };
    const { result, trainer } = await train(model, { minEpochs: 2 }, { [when]: set });
    expect(result).toMatchObject({ status: "stopped", reason: "enough" });
    expect(trainer.state.batch).toBe(batches);
  });

  test("a request that came before it is the reason", async () => {
    const model = asking();
    const { result } = await train(
      model,
      {},
      {
        onTrainBatchEnd: (view) => {
          view.requestStop("first");
          model.stopRequested = "second";
        },
      },
    );
    expect(result.reason).toBe("first");
  });
});
