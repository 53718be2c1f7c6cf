/** Trains with checkpoints and TensorBoard: `trains-until-killed.ts <runsDir> <layout> [killAt]`; kills itself after that step. */
import { GenericTrainer, arrayLoader, defineHook } from "trainscope";
import { Follower } from "../../support/follower.js";

const [runsDir = "", layout = "one", killAt = "0"] = process.argv.slice(2);

const samples = Array.from({ length: 40 }, (_, i) => Math.sin(i));
const trainer = new GenericTrainer<number[]>(
  {
    maxEpochs: 6,
    seed: 5,
    runName: "run",
    runsDir,
    resume: "auto",
    logging: { loggerType: "tensorboard", logEveryNSteps: 1, tensorboardLayout: layout as "one" | "phases" | "loaders" },
    hooks: { enableModelCheckpointHook: true, modelCheckpointConfig: { everyNSteps: 7, monitor: "val/loss", async: false } },
  },
  new Follower(),
);
trainer.hookManager.registerHook(
  defineHook("killed", {
    async onTrainBatchEnd({ state, logger }) {
      await logger.flush(); // a kill loses the records in memory, up to half a second of them: here there are none
      if (state.step === Number(killAt)) process.kill(process.pid, "SIGKILL");
    },
  }),
);
await trainer.fit({
  train: { a: arrayLoader(samples, { batchSize: 4, shuffle: true }), b: arrayLoader(samples.slice(0, 8), { batchSize: 4 }) },
  validation: { a: arrayLoader(samples, { batchSize: 20 }) },
});
