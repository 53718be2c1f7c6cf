/**
 * Trains until its input ends: `waits.ts <runsDir> <resume> <checkpoints: yes | no>`. Says as lines of JSON that it trains, and after
 * which step, or why it is refused.
 */
import { once } from "node:events";
import { GenericTrainer, arrayLoader, defineHook, isTrainscopeError } from "trainscope";
import { Follower } from "../../support/follower.js";

const [runsDir = "", resume = "never", checkpoints = "no"] = process.argv.slice(2);
const say = (line: object): void => void process.stdout.write(`${JSON.stringify(line)}\n`);

const trainer = new GenericTrainer<number[]>(
  {
    maxEpochs: 1000,
    runName: "run",
    runsDir,
    resume: resume as "never" | "auto" | "must",
    logging: { loggerType: "none" },
    hooks: { enableModelCheckpointHook: checkpoints === "yes", modelCheckpointConfig: { everyNSteps: 3, monitor: "train/loss" } },
  },
  new Follower(0),
);
const ended = once(process.stdin, "end");
process.stdin.resume();
let isTold = false;
trainer.hookManager.registerHook(
  defineHook("waiter", {
    onCheckpointSaved: (_, { step }) => say({ say: "saved", step }),
    async onTrainBatchEnd({ state }) {
      if (isTold || state.batchInEpoch < 4) return;
      isTold = true;
      say({ say: "trains", pid: process.pid, step: state.step, runId: trainer.run.runId, from: trainer.run.resumedFromStep });
      await ended;
      trainer.requestStop("the input ended", { force: true });
    },
  }),
);
try {
  const { status } = await trainer.fit({
    train: arrayLoader(
      Array.from({ length: 40 }, (_, i) => i),
      { batchSize: 4 },
    ),
  });
  say({ say: "end", status });
} catch (error) {
  if (!isTrainscopeError(error)) throw error;
  say({ say: "refused", code: error.code, message: error.message });
  process.stdin.destroy();
}
