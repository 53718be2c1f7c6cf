/** Run directories that are there already, cannot be made, disappear, or hold what is in the way. */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { defineHook } from "trainscope";
import type { Rows } from "../../support/linear-model.js";
import { fail, report, runsDir, watchProcess } from "./support.js";

watchProcess();

mkdirSync(join(runsDir, "taken"), { recursive: true });
await report({ name: "taken" });

writeFileSync(join(runsDir, "file"), "");
await report({ name: "in a file", config: { runsDir: join(runsDir, "file", "runs") } });

const gone = (key: string) =>
  defineHook<Rows>(key, { onEpochEnd: (trainer) => rmSync(trainer.run.dir, { recursive: true, force: true }) });
await report({ name: "gone", hooks: [gone("gone")] });
await report({
  name: "gone and failed",
  thrown: "it broke",
  hooks: [gone("gone"), defineHook<Rows>("faulty", { onEpochEnd: () => fail("throw", "it broke") })],
});

/** A log directory that cannot be made: the backend fails, the run does not. */
const noLog = defineHook<Rows>("noLog", {
  onTrainStart(trainer) {
    writeFileSync(join(trainer.run.dir, "log"), "in the way");
    trainer.logger.logEvent("warning", { message: "look" }, 0);
  },
});
await report({ name: "no log", hooks: [noLog] });

/** A summary that cannot be written: a directory has its name. */
const inTheWay = defineHook<Rows>("inTheWay", { onTrainEnd: (trainer) => mkdirSync(join(trainer.run.dir, "summary.json")) });
await report({ name: "summary in the way", hooks: [inTheWay] });
