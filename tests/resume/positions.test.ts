import { expect, test } from "vitest";
import { arrayLoader, type ArrayLoaderOptions } from "../../src/data/index.js";
import {
  defineHook,
  GenericTrainer,
  type DataLoader,
  type FitData,
  type GenericTrainerConfig,
  type TrainableModel,
} from "../../src/index.js";
import { MemoryBackend } from "../support/memory-backend.js";
import { temporaryRuns } from "../support/run.js";

type Batch = readonly number[];

const runsDir = temporaryRuns();
let count = 0;

const range = (length: number, from = 0): number[] => Array.from({ length }, (_, i) => from + i);
const samples = (options: ArrayLoaderOptions<number>, length = 10, from = 0): DataLoader<number[]> =>
  arrayLoader(range(length, from), options);

/** The samples of each epoch, in the order of training. */
class Recorder implements TrainableModel<Batch> {
  readonly epochs: number[][] = [];
  readonly validated: number[] = [];
  trainStep(batch: Batch, { epoch }: { epoch: number }) {
    (this.epochs[epoch] ??= []).push(...batch);
    return { loss: 1, batchSize: batch.length };
  }
  evalStep(batch: Batch) {
    this.validated.push(...batch);
    return { loss: 1, batchSize: batch.length };
  }
  state = () => ({});
  loadState(): void {}
}

interface Part {
  data: FitData<Batch>;
  config?: GenericTrainerConfig;
}

/** One process start of the run `name`, stopped after `stopAt` steps or in the validation after them. */
async function start(name: string, { data, config }: Part, stopAt = 0, stopIn = "onTrainBatchEnd") {
  const model = new Recorder();
  const memory = new MemoryBackend();
  const interruption = new AbortController();
  const trainer = new GenericTrainer<Batch>(
    {
      runsDir,
      runName: name,
      logLevel: "silent",
      maxEpochs: 3,
      seed: 3,
      hooks: { enableModelCheckpointHook: true, modelCheckpointConfig: { monitor: "train/loss" } },
      ...config,
      logging: { loggerType: "none", loggers: [memory] },
    },
    model,
    [],
  );
  trainer.hookManager.registerHook(
    defineHook("stop", {
      [stopIn]: ({ state }: { state: { step: number } }) => void (state.step === stopAt && interruption.abort()),
    }),
  );
  const result = await trainer.fit(data, { signal: interruption.signal });
  return { model, result, warnings: memory.warnings };
}

test("with another batch size, every sample of the epoch is trained once, and the next epochs are those of the seed", async () => {
  const whole = await start(`run-${++count}`, { data: { train: samples({ batchSize: 1, shuffle: true }) } });
  const name = `run-${++count}`;
  const before = await start(name, { data: { train: samples({ batchSize: 2, shuffle: true }) } }, 7);
  const after = await start(name, { data: { train: samples({ batchSize: 3, shuffle: true }) }, config: { resume: "must" } });
  expect(before.result).toMatchObject({ status: "interrupted", steps: 7 });
  expect(after.result).toMatchObject({ status: "completed", epochs: 3, steps: 7 + 2 + 4 });
  expect(after.warnings.filter((warning) => /length|loader/.test(warning))).toEqual([]);
  const epochs = range(3).map((epoch) => [...(before.model.epochs[epoch] ?? []), ...(after.model.epochs[epoch] ?? [])]);
  expect(epochs).toEqual(whole.model.epochs);
});

test.each([
  {
    name: "shuffled from now on",
    now: samples({ batchSize: 2, shuffle: true }),
    says: /shuffle: false; now it has shuffle: true/,
  },
  { name: "an array of other batches", now: [range(5), range(5, 5)], says: /had 5 batches .* after 2 of pass 0, and has 2 now/ },
])("$name: refused before anything is trained, and the run stays as it is", async ({ now, says }) => {
  const name = `run-${++count}`;
  const train = Array.isArray(now) ? range(5).map((i) => range(2, 2 * i)) : samples({ batchSize: 2 });
  await start(name, { data: { train } }, 2);
  const refused = start(name, { data: { train: now }, config: { resume: "must" } });
  await expect(refused).rejects.toMatchObject({ code: "ERR_RESUME", message: expect.stringMatching(says) as unknown });
  const { model, result } = await start(name, { data: { train }, config: { resume: "must" } });
  expect(result.status).toBe("completed");
  expect(model.epochs[0]).toEqual(range(6, 4));
});

test("interrupted in the validation after an epoch, the run continues there", async () => {
  const name = `run-${++count}`;
  const part = { data: { train: samples({ batchSize: 2 }), validation: samples({ batchSize: 5 }) } };
  const first = await start(name, part, 5, "onValidationBatchEnd");
  expect(first.result).toMatchObject({ status: "interrupted", steps: 5 });
  const { model, result } = await start(name, { ...part, config: { resume: "must" } });
  expect(result).toMatchObject({ status: "completed", steps: 15, epochs: 3 });
  expect(Array.from(model.epochs, (epoch) => epoch?.length ?? 0)).toEqual([0, 10, 10]);
});
