import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { LinearModel, linearBatches, type Rows } from "../../tests/support/linear-model.js";
import { temporaryRuns } from "../../tests/support/run.js";
import { GenericTrainer } from "./generic-trainer.js";
import type { Run } from "./run.js";

const composed: Run<Rows>[] = [];
vi.mock("./fit.js", () => ({ fit: (run: Run<Rows>) => void composed.push(run) }));

const runsDir = temporaryRuns();

test("the run has the trainer's own info, loaders, logger and metrics, also where the directory changed them", async () => {
  mkdirSync(join(runsDir, "run"));
  const trainer = new GenericTrainer<Rows>(
    { maxEpochs: 1, runsDir, runName: "run", resume: "auto", logging: { loggerType: "none" } },
    new LinearModel({ width: 2 }),
  );
  await trainer.fit({ train: { digits: linearBatches(2, 4) } });
  const run = composed[0] as Run<Rows>;
  expect(trainer.run.attempt).toBe(2);
  expect(run.info).toBe(trainer.run);
  expect(run.loaders).toBe(trainer.loaders);
  expect(run.logger).toBe(trainer.logger);
  expect(run.board.latest).toBe(trainer.metrics);
});
