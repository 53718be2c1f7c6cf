/** Trains a plain model until it is done or told to stop: `train.ts <runsDir> <resume> <stepMs>`. Prints JSON lines. */
import { setTimeout as sleep } from "node:timers/promises";
import { GenericTrainer, arrayLoader, defineHook, type StateTree, type TrainableModel } from "trainscope";

const [runsDir = "", resume = "never", stepMs = "0"] = process.argv.slice(2);

/** A weight that follows the samples it has seen, and the seed of each step. */
class Follower implements TrainableModel<number[]> {
  readonly metricNames: readonly string[] = [];
  readonly weights = new Float64Array(2);

  async trainStep(batch: number[], { stepSeed }: { stepSeed: number }): Promise<{ loss: number; batchSize: number }> {
    if (Number(stepMs) > 0) await sleep(Number(stepMs));
    for (const x of batch) this.weights[0] = 0.9 * (this.weights[0] as number) + x;
    this.weights[1] = Math.sin((this.weights[1] as number) + stepSeed);
    return { loss: this.weights[0] as number, batchSize: batch.length };
  }

  evalStep(batch: number[]): { loss: number; batchSize: number } {
    return { loss: Math.abs(this.weights[0] as number), batchSize: batch.length };
  }

  state(): StateTree {
    return { weights: { shape: [2], dtype: "F64", data: this.weights.slice() } };
  }

  loadState(state: StateTree): void {
    this.weights.set(state["weights"]?.data as Float64Array);
  }
}

const samples = Array.from({ length: 40 }, (_, i) => Math.sin(i));
const say = (line: object): void => void process.stdout.write(`${JSON.stringify(line)}\n`);

const model = new Follower();
const trainer = new GenericTrainer<number[]>(
  {
    maxEpochs: 6,
    seed: 5,
    runName: "run",
    runsDir,
    resume: resume as "never" | "auto" | "must",
    logging: { loggerType: "none" },
    hooks: { enableModelCheckpointHook: true, modelCheckpointConfig: { everyNSteps: 3, monitor: "val/loss" } },
  },
  model,
);
trainer.hookManager.registerHook(
  defineHook("teller", {
    onTrainBatchEnd: ({ state }) => say({ say: "step", step: state.step }),
    onCheckpointSaved: (_, { step }) => say({ say: "saved", step }),
  }),
);
const result = await trainer.fit({
  train: arrayLoader(samples, { batchSize: 4, shuffle: true }),
  validation: arrayLoader(samples, { batchSize: 20 }),
});
const { status, steps, metrics } = result;
say({ say: "end", status, steps, metrics, resumedFrom: trainer.run.resumedFromStep, weights: [...model.weights] });
