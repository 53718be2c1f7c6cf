/** Run directories that are there already, cannot be made, disappear, or sit on a full disk. */
import { existsSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { defineHook } from "trainscope";
import type { Rows } from "../../support/linear-model.js";
import { fail, report, runsDir, say, watchProcess } from "./support.js";

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

const hasFullDisk = existsSync("/dev/full");
say({ say: "platform", hasFullDisk });
if (hasFullDisk) {
  const full = defineHook<Rows>("full", {
    onTrainEnd: (trainer) => symlinkSync("/dev/full", join(trainer.run.dir, "summary.json.tmp")),
  });
  await report({ name: "full disk", hooks: [full] });
}
