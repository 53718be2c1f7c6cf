import { expect, test } from "vitest";
import { GenericTrainer, type Optimizer, type StateTree } from "../../src/index.js";
import { LinearModel, linearBatches, type Rows } from "../support/linear-model.js";
import { temporaryRuns } from "../support/run.js";

const runsDir = temporaryRuns();

/** An optimizer whose state is one number. */
class OneNumber implements Optimizer {
  readonly name: string;
  learningRate: number;
  value: number;

  constructor(name: string, value: number) {
    this.name = name;
    this.learningRate = value / 10;
    this.value = value;
  }

  state(): StateTree {
    return { value: { shape: [1], dtype: "F64", data: Float64Array.of(this.value) } };
  }

  loadState(state: StateTree): void {
    this.value = state["value"]?.data[0] as number;
  }
}

async function train(resume: "never" | "must", optimizers: readonly OneNumber[]): Promise<void> {
  const trainer = new GenericTrainer<Rows>(
    {
      maxEpochs: 1,
      runsDir,
      runName: "run",
      resume,
      logging: { loggerType: "none" },
      hooks: { enableModelCheckpointHook: true, modelCheckpointConfig: { monitor: "train/loss" } },
    },
    new LinearModel({ width: 2 }),
    optimizers,
  );
  await trainer.fit({ train: linearBatches(2, 4) });
}

test("optimizers get their own states and learning rates back, also where one is called like a numbered other", async () => {
  const names = ["a", "a", "a#2"];
  await train(
    "never",
    names.map((name, i) => new OneNumber(name, i + 1)),
  );
  const resumed = names.map((name) => new OneNumber(name, 0));
  await train("must", resumed);
  expect(resumed.map(({ value, learningRate }) => ({ value, learningRate }))).toEqual([
    { value: 1, learningRate: 0.1 },
    { value: 2, learningRate: 0.2 },
    { value: 3, learningRate: 0.3 },
  ]);
});
