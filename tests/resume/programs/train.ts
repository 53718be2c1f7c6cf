/** Trains a plain model until it is done or stopped: `train.ts <runsDir> <resume> <stepMs>`. Prints JSON lines. */
import { GenericTrainer, arrayLoader, defineHook } from "trainscope";
import { Follower } from "../../support/follower.js";

const [runsDir = "", resume = "never", stepMs = "0"] = process.argv.slice(2);

const samples = Array.from({ length: 40 }, (_, i) => Math.sin(i));
const say = (line: object): void => void process.stdout.write(`${JSON.stringify(line)}\n`);

const model = new Follower(Number(stepMs));
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
