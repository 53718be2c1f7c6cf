/** A run with console and progress bar on this process's own streams, which the test breaks. What became of it is in `report.json`. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { GenericTrainer, defineHook } from "trainscope";
import { LinearModel, linearBatches, type Rows } from "../../support/linear-model.js";

const [runsDir = "", steps = "0"] = process.argv.slice(2);
const uncaught: string[] = [];
process.on("uncaughtException", (error) => uncaught.push(String(error)));

const model = new LinearModel({ width: 2 });
const trainer = new GenericTrainer<Rows>(
  {
    maxSteps: Number(steps),
    runsDir,
    runName: "run",
    logging: { loggerType: "console", logEveryNSteps: 1 },
    hooks: { enableProgressBar: true, progressBarConfig: { plainEverySeconds: 0, refreshMs: 0 } },
  },
  model,
  model.optimizer,
);
const talkative = defineHook<Rows>("talkative", {
  onTrainBatchEnd: ({ logger, state }) => logger.logText("note", "x".repeat(290), state.step),
});
trainer.hookManager.registerHook(talkative);
await trainer.fit({ train: linearBatches(50, 2) });

const read = (...path: string[]): string => readFileSync(join(runsDir, "run", ...path), "utf8");
const report = {
  uncaught,
  summary: JSON.parse(read("summary.json")) as unknown,
  waiting: process.stdout.writableLength + process.stderr.writableLength,
};
writeFileSync(join(runsDir, "report.json"), JSON.stringify(report));
