import { beforeEach, describe, expect, test } from "vitest";
import { defineHook, GenericTrainer, type DataLoader, type GenericTrainerConfig } from "../../src/index.js";
import { tfjsLoader, tfjsModel, type TfjsBatch, type TfjsDataset, type TfjsTensor } from "../../src/tfjs/index.js";
import { temporaryRuns } from "../support/run.js";
import { BACKENDS, tf, useBackend } from "./harness.js";

const runsDir = temporaryRuns();
let count = 0;

type Dataset = ReturnType<typeof tf.data.array>;

const elements = (samples = 30) =>
  Array.from({ length: samples }, (_, i) => ({ xs: [i / samples], ys: [(3 * i) / samples + 1] }));

/** Batches of two samples that a generator makes; the last one with `return` where `returns` is set. */
function* batches(samples: number, returns = false): Generator<TfjsBatch, TfjsBatch | undefined> {
  const column = (i: number, of: (x: number) => number) => tf.tensor2d([[of(i / samples)], [of((i + 1) / samples)]]);
  for (let i = 0; i < samples; i += 2) {
    const batch = { xs: column(i, (x) => x), ys: column(i, (x) => 3 * x + 1) };
    if (returns && i + 2 >= samples) return batch;
    yield batch;
  }
  return undefined;
}

/** Every way to make a dataset of the same 15 batches. */
const DATASETS: Record<string, () => Dataset> = {
  "an array, batched": () => tf.data.array(elements()).batch(2) as Dataset,
  "a generator": () => tf.data.generator(() => batches(30) as never) as unknown as Dataset,
  "a generator that reads ahead": () => (tf.data.generator(() => batches(30) as never) as unknown as Dataset).prefetch(8),
  "a generator that returns its last batch": () => tf.data.generator(() => batches(30, true) as never) as unknown as Dataset,
  "shuffled by a seed of its own": () => tf.data.array(elements()).shuffle(7, "s", false).batch(2).prefetch(3) as Dataset,
  "zipped, each part read ahead": () => {
    const part = (of: "xs" | "ys") =>
      tf.data.array(elements().map((element) => element[of])).map((row) => tf.tensor1d(row as number[]));
    return tf.data.zip({ xs: part("xs").prefetch(4), ys: part("ys").prefetch(5) }).batch(2) as Dataset;
  },
  "repeated without end": () => tf.data.array(elements(6)).batch(2).repeat() as Dataset,
};

function network() {
  const kernelInitializer = tf.initializers.glorotUniform({ seed: 1 });
  const net = tf.sequential({
    layers: [
      tf.layers.dense({ units: 4, activation: "tanh", inputShape: [1], kernelInitializer }),
      tf.layers.dense({ units: 1, kernelInitializer }),
    ],
  });
  net.compile({ optimizer: tf.train.adam(0.02), loss: "meanSquaredError" });
  return net;
}

const weightsOf = (net: ReturnType<typeof network>) => net.getWeights().map((weight) => [...weight.dataSync()]);

interface Trained {
  weights: number[][];
  /** The inputs of each batch, as they were trained on. */
  seen: number[][];
}

async function train(
  source: TfjsDataset<unknown> | DataLoader<TfjsBatch>,
  config: GenericTrainerConfig,
  interruptAt?: number,
): Promise<Trained> {
  const net = network();
  const { model, optimizers } = tfjsModel(tf, { model: net });
  const seen: number[][] = [];
  const interruption = new AbortController();
  const trainer = new GenericTrainer<TfjsBatch>(
    { runsDir, runName: `run-${count}`, logLevel: "silent", seed: 1, ...config, logging: { loggerType: "none" } },
    model,
    optimizers,
  );
  trainer.hookManager.registerHook(
    defineHook("watch", {
      onTrainBatchStart: (_, { xs }) => void seen.push([...(xs as TfjsTensor).dataSync()]),
      onTrainBatchEnd: ({ state }) => void (state.step === interruptAt && interruption.abort()),
    }),
  );
  const loader = "batches" in source ? source : tfjsLoader(tf, source);
  await trainer.fit({ train: loader }, { signal: interruption.signal });
  return { weights: weightsOf(net), seen };
}

describe.each(BACKENDS)("a dataset with batchesPerEpoch on %s", (backend) => {
  beforeEach(async () => {
    await useBackend(backend);
    count++;
  });

  test.each(Object.keys(DATASETS))("%s: trained as fitDataset trains it, to the bit", async (kind) => {
    const make = DATASETS[kind] as () => Dataset;
    const reference = network();
    await reference.fitDataset(make(), { epochs: 3, batchesPerEpoch: 4, verbose: 0 });
    const { weights, seen } = await train(make(), { maxEpochs: 3, trainLoaderConfig: { batchesPerEpoch: 4 } });
    expect(seen).toHaveLength(12);
    if (kind !== "repeated without end") expect(new Set(seen.map(String)).size).toBe(12);
    expect(weights).toEqual(weightsOf(reference));
  });

  test.each(["a generator", "a generator that returns its last batch"])("%s, to its end in every epoch", async (kind) => {
    const make = DATASETS[kind] as () => Dataset;
    const reference = network();
    await reference.fitDataset(make(), { epochs: 2, verbose: 0 });
    const { weights, seen } = await train(make(), { maxEpochs: 2 });
    expect(seen).toHaveLength(30);
    expect(weights).toEqual(weightsOf(reference));
  });
});

describe("a dataset with batchesPerEpoch", () => {
  beforeEach(async () => {
    await useBackend(BACKENDS.at(-1) as string);
    count++;
  });

  test("at its end it starts again, in the middle of an epoch", async () => {
    const { seen } = await train(tf.data.array(elements(6)).batch(2), {
      maxEpochs: 2,
      trainLoaderConfig: { batchesPerEpoch: 4 },
    });
    const pass = seen.slice(0, 3);
    expect(seen).toEqual([...pass, ...pass, ...pass.slice(0, 2)]);
  });

  test.each(Object.keys(DATASETS).filter((kind) => kind !== "repeated without end"))(
    "%s: leaves no tensor behind, wherever it is left",
    async (kind) => {
      const make = DATASETS[kind] as () => Dataset;
      const keptBy = async (config: GenericTrainerConfig): Promise<number> => {
        const before = tf.memory().numTensors;
        count++;
        await train(make(), config);
        return tf.memory().numTensors - before;
      };
      const ofModel = await keptBy({ maxEpochs: 1 });
      for (const config of [
        { maxEpochs: 3, trainLoaderConfig: { batchesPerEpoch: 4 } },
        { maxEpochs: 1, maxSteps: 3 },
        { maxSteps: 20 },
      ])
        expect(await keptBy(config)).toBe(ofModel);
    },
  );

  const RESUMED: Record<string, () => Dataset | DataLoader<TfjsBatch>> = {
    ...DATASETS,
    "a loader of one's own": () => ({ batches: () => batches(30) }),
  };
  test.each(["a generator that reads ahead", "shuffled by a seed of its own", "repeated without end", "a loader of one's own"])(
    "%s: interrupted in the middle and resumed, the same batches and weights, and no tensor more",
    async (kind) => {
      const make = RESUMED[kind] as () => Dataset | DataLoader<TfjsBatch>;
      const config: GenericTrainerConfig = {
        maxEpochs: 3,
        trainLoaderConfig: { batchesPerEpoch: 4 },
        hooks: { enableModelCheckpointHook: true, modelCheckpointConfig: { monitor: "train/loss" } },
      };
      const tensors = [tf.memory().numTensors];
      const whole = await train(make(), config);
      tensors.push(tf.memory().numTensors);
      count++;
      const first = await train(make(), config, 6);
      tensors.push(tf.memory().numTensors);
      const second = await train(make(), { ...config, resume: "must" });
      tensors.push(tf.memory().numTensors);
      expect([...first.seen, ...second.seen]).toEqual(whole.seen);
      expect(second.weights).toEqual(whole.weights);
      const [ofWhole, ofFirst, ofSecond] = tensors.slice(1).map((kept, i) => kept - (tensors[i] as number));
      expect([ofFirst, ofSecond]).toEqual([ofWhole, ofWhole]);
    },
  );
});
