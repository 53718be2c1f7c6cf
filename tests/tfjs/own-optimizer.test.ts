import type * as Tf from "@tensorflow/tfjs";
import { beforeAll, describe, expect, test } from "vitest";
import { defineHook, GenericTrainer, type GenericTrainerConfig, type StateTree } from "../../src/index.js";
import { tfjsLoader, tfjsModel, type TfjsBatch } from "../../src/tfjs/index.js";
import { temporaryRuns } from "../support/run.js";
import { BACKENDS, bytesOf, contextOf, randoms, takeAll, tf, useBackend } from "./harness.js";

const runsDir = temporaryRuns();

interface NamedTensor {
  name: string;
  tensor: Tf.Tensor;
}
type Gradients = Tf.NamedTensorMap | NamedTensor[];
const listOf = (gradients: Gradients): NamedTensor[] =>
  Array.isArray(gradients) ? gradients : Object.entries(gradients).map(([name, tensor]) => ({ name, tensor }));
const variableOf = (name: string): Tf.Variable => tf.engine().registeredVariables[name] as Tf.Variable;

/** Lion (Chen et al. 2023): the sign of a momentum. Its state is one momentum a variable, by the variable's name. */
class Lion extends tf.Optimizer {
  static readonly className: string = "Lion";
  readonly momenta = new Map<string, Tf.Variable>();

  learningRate: number;

  constructor(learningRate: number) {
    super();
    this.learningRate = learningRate;
  }

  override applyGradients(gradients: Gradients): void {
    tf.tidy(() => {
      for (const { name, tensor } of listOf(gradients)) {
        const variable = variableOf(name);
        if (!this.momenta.has(name)) this.momenta.set(name, tf.variable(tf.zerosLike(variable), false));
        if (tensor === null || tensor === undefined) continue;
        const momentum = this.momenta.get(name) as Tf.Variable;
        const direction = momentum.mul(0.9).add(tensor.mul(0.1)).sign();
        variable.assign(variable.sub(direction.mul(this.learningRate)));
        momentum.assign(momentum.mul(0.99).add(tensor.mul(0.01)));
      }
    });
    this.incrementIterations();
  }

  override async getWeights(): Promise<NamedTensor[]> {
    return [await this.saveIterations(), ...[...this.momenta].map(([name, tensor]) => ({ name: `${name}/lion`, tensor }))];
  }

  override async setWeights(weights: NamedTensor[]): Promise<void> {
    const rest = await this.extractIterations(weights);
    for (const momentum of this.momenta.values()) momentum.dispose();
    this.momenta.clear();
    for (const { name, tensor } of rest) this.momenta.set(name.replace(/\/lion$/, ""), tf.variable(tensor, false));
  }

  getConfig(): Tf.serialization.ConfigDict {
    return { learningRate: this.learningRate };
  }
}

/** Adam whose weights decay: state and learning rate are Adam's. */
class AdamW extends tf.AdamOptimizer {
  static override get className(): string {
    return "AdamW";
  }

  override applyGradients(gradients: Gradients): void {
    tf.tidy(() => {
      for (const { name } of listOf(gradients)) variableOf(name).assign(variableOf(name).mul(1 - this.learningRate * 0.1));
    });
    super.applyGradients(gradients as never);
  }
}

/** No state and no learning rate. */
class Fixed extends tf.Optimizer {
  override applyGradients(gradients: Gradients): void {
    tf.tidy(() => {
      for (const { name, tensor } of listOf(gradients)) variableOf(name).assign(variableOf(name).sub(tensor.mul(0.1)));
    });
  }
  override getWeights = (): Promise<NamedTensor[]> => Promise.resolve([]);
  override setWeights = (): Promise<void> => Promise.resolve();
  getConfig = (): Tf.serialization.ConfigDict => ({});
}

/** Says nothing about its state. */
class Silent extends tf.Optimizer {
  static readonly className: string = "Silent";
  override applyGradients(): void {}
  getConfig = (): Tf.serialization.ConfigDict => ({});
}

const MAKERS = {
  lion: () => new Lion(0.01),
  adamw: () => new AdamW(0.05, 0.9, 0.999),
};

interface Outcome {
  model: StateTree;
  optimizer: StateTree;
  status: string;
}

async function train(make: () => Tf.Optimizer, config: GenericTrainerConfig, interruptAt?: number): Promise<Outcome> {
  const net = tf.sequential({
    layers: [
      tf.layers.dense({ units: 4, inputShape: [3], kernelInitializer: tf.initializers.glorotUniform({ seed: 1 }) }),
      tf.layers.dense({ units: 1, kernelInitializer: tf.initializers.glorotUniform({ seed: 2 }) }),
    ],
  });
  const { model, optimizers } = tfjsModel(tf, { model: net, optimizer: make(), loss: "meanSquaredError" });
  const trainer = new GenericTrainer<TfjsBatch>(
    {
      maxEpochs: 3,
      seed: 5,
      runsDir,
      logLevel: "silent",
      logging: { loggerType: "none" },
      ...config,
      hooks: { enableModelCheckpointHook: true, modelCheckpointConfig: { monitor: "train/loss", mode: "min" }, ...config.hooks },
    },
    model,
    optimizers,
  );
  const interruption = new AbortController();
  trainer.hookManager.registerHook(
    defineHook("interrupter", {
      onTrainBatchEnd: ({ state }) => (state.step === interruptAt ? interruption.abort() : undefined),
    }),
  );
  const data = { xs: tf.tensor2d(randoms(60, 1), [20, 3]), ys: tf.tensor2d(randoms(20, 2), [20, 1]) };
  const result = await trainer.fit({ train: tfjsLoader(tf, data, { batchSize: 4 }) }, { signal: interruption.signal });
  tf.dispose(data);
  const optimizer = await (optimizers[0] as (typeof optimizers)[0]).state();
  return { model: await model.state(), optimizer, status: result.status };
}

describe.each(BACKENDS)("an optimizer of one's own on %s", (backend) => {
  beforeAll(async () => useBackend(backend));

  test.each(["lion", "adamw"] as const)(
    "%s: a resumed run ends as one that was not interrupted, to the last bit",
    async (name) => {
      const make = MAKERS[name];
      const schedule: GenericTrainerConfig = {
        hooks: { enableLearningRateSchedule: true, learningRateScheduleConfig: { kind: "cosine" } },
      };
      const runName = `${backend}-${name}`;
      const whole = await train(make, { ...schedule, runName: `${runName}-whole` });
      const first = await train(make, { ...schedule, runName }, 7);
      expect(first.status).toBe("interrupted");
      const second = await train(make, { ...schedule, runName, resume: "must" });
      expect(bytesOf(second.model)).toEqual(bytesOf(whole.model));
      expect(bytesOf(second.optimizer)).toEqual(bytesOf(whole.optimizer));
      expect(second.optimizer["iterations"]?.data).toEqual(BigInt64Array.of(15n));
    },
  );

  test("what is saved has the names of parameters, of Adam's heirs that of Adam", async () => {
    const lion = await train(MAKERS.lion, { maxEpochs: 1, runName: `${backend}-lion-names` });
    expect(Object.keys(lion.optimizer)).toEqual([
      "weights/0/iter",
      ...["dense_Dense1/kernel", "dense_Dense1/bias", "dense_Dense2/kernel", "dense_Dense2/bias"].map(
        (name, i) => `weights/${i + 1}/${name}/lion`,
      ),
      "iterations",
    ]);
    const adamw = await train(MAKERS.adamw, { maxEpochs: 1, runName: `${backend}-adamw-names` });
    expect(Object.keys(adamw.optimizer)).toEqual(
      expect.arrayContaining(["accBeta1", "dense_Dense1/kernel/m", "dense_Dense2/bias/v"]),
    );
  });

  test("saving and restoring leave no tensor behind", async () => {
    const lion = new Lion(0.01);
    const w = tf.variable(tf.ones([3]));
    const { model, optimizers } = tfjsModel(tf, {
      variables: { w },
      optimizer: lion,
      batchSize: () => 1,
      loss: () => w.square().sum(),
    });
    await takeAll(await model.trainStep({}, contextOf(1)));
    const before = tf.memory().numTensors;
    const state = await optimizers[0]!.state();
    expect(tf.memory().numTensors).toBe(before);
    await takeAll(await model.trainStep({}, contextOf(2)));
    await optimizers[0]!.loadState(state);
    expect(tf.memory().numTensors).toBe(before);
    expect(bytesOf(await optimizers[0]!.state())).toEqual(bytesOf(state));
    await expect(optimizers[0]!.loadState({ ...state, "dense/kernel/m": state["iterations"]! })).rejects.toThrow(
      /ERR_STATE[^]*was saved by another optimizer/,
    );
  });
});

describe("optimizers without a part", () => {
  beforeAll(async () => useBackend(BACKENDS[0] as string));
  const form = (optimizer: Tf.Optimizer) => {
    const w = tf.variable(tf.ones([3]));
    return tfjsModel(tf, { variables: { w }, optimizer, batchSize: () => 1, loss: () => w.square().sum() });
  };

  test("one that cannot be saved is refused, and told what to add", () => {
    expect(() => form(new Silent())).toThrow(
      /ERR_MODEL at tfjsModel\.optimizer[^]*Silent has no getWeights\(\) and setWeights\(weights\) of its own[^]*resolves with an array of \{ name, tensor \}[^]*SGD, Momentum/,
    );
  });

  test("one without a class name, state and learning rate trains; setting its rate is refused", async () => {
    const { model, optimizers } = form(new Fixed());
    await takeAll(await model.trainStep({}, contextOf(1)));
    const [fixed] = optimizers as [(typeof optimizers)[0]];
    expect(fixed.name).toBe("fixed");
    expect(fixed.learningRate).toBeNaN();
    fixed.learningRate = Number.NaN; // as a resume sets it
    expect(() => (fixed.learningRate = 0.1)).toThrow(/ERR_MODEL[^]*"?fixed"? has no learning rate that could be set to 0\.1/);
    expect(Object.keys(await fixed.state())).toEqual(["iterations"]);
  });

  test("a run with it is resumed, and a schedule is refused", async () => {
    const make = () => new Fixed();
    await train(make, { runName: "fixed" }, 4);
    const { status } = await train(make, { runName: "fixed", resume: "must" });
    expect(status).toBe("completed");
    await expect(train(make, { runName: "fixed-schedule", hooks: { enableLearningRateSchedule: true } })).rejects.toThrow(
      /ERR_CONFIG at optimizers\n *learningRateSchedule sets learning rates, and the optimizer "fixed" has none/,
    );
  });
});
