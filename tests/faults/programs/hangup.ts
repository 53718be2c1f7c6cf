/** An endless run with checkpoints, for SIGHUP. With "own", the program listens to SIGHUP itself. */
import { defineHook } from "trainscope";
import type { Rows } from "../../support/linear-model.js";
import { report, say, watchProcess } from "./support.js";

watchProcess();

let heard = 0;
const listener = (): void => {
  heard++;
  say({ say: "heard" });
};
if (process.argv[3] === "own") process.on("SIGHUP", listener);

const hook = defineHook<Rows>("ready", {
  onTrainBatchEnd: (trainer) => {
    if (trainer.state.step === 3) say({ say: "ready" });
    return new Promise((resolve) => setTimeout(resolve, 1));
  },
});
await report({
  name: "hangup",
  config: { maxEpochs: 1_000_000_000, hooks: { enableModelCheckpointHook: true } },
  hooks: [hook],
  after: () => {
    const left = process.listenerCount("SIGHUP");
    process.off("SIGHUP", listener);
    return { heard, left };
  },
});
