/** A run whose end hangs, in a process with a timer of its own: only a third signal ends it. */
import { defineHook } from "trainscope";
import type { Rows } from "../../support/linear-model.js";
import { report, say, watchProcess } from "./support.js";

watchProcess();
setInterval(() => {}, 1000);
await report({
  name: "stuck",
  hooks: [
    defineHook<Rows>("slow", {
      onTrainEnd: () => {
        say({ say: "hanging" });
        return new Promise(() => {});
      },
    }),
  ],
});
