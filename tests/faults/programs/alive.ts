/** A run that never ends by itself and never waits for anything: `sync` or `async` (resolved promises only). Timers fire beside it. */
import { defineHook } from "trainscope";
import { AsyncLinearModel, LinearModel, linearBatches, type Rows } from "../../support/linear-model.js";
import { report, say, watchProcess } from "./support.js";

watchProcess();

const kind = process.argv[3];
const options = { width: 2 };
let ticks = 0;
let stepsAtFirstTick = 0;
let heardAtMs: number | null = null;
const interval = setInterval(() => ticks++, 5);
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => (heardAtMs = Date.now()));

await report({
  name: "alive",
  config: { maxEpochs: 1_000_000_000, logging: { logEveryNSteps: 1000 } },
  model: kind === "async" ? new AsyncLinearModel(options) : new LinearModel(options),
  data: { train: { endless: linearBatches(50, 4) } },
  hooks: [
    defineHook<Rows>("watch", {
      onTrainBatchEnd(trainer) {
        if (ticks > 0 && stepsAtFirstTick === 0) stepsAtFirstTick = trainer.state.step;
        if (ticks >= 20 && ticks < 1000) {
          ticks = 1000;
          say({ say: "ready" });
        }
      },
    }),
  ],
  after: () => {
    clearInterval(interval);
    process.removeAllListeners("SIGINT");
    process.removeAllListeners("SIGTERM");
    return { heardAtMs, endedAtMs: Date.now(), stepsAtFirstTick };
  },
});
