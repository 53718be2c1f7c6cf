/** No secret reaches a file of a run, whatever road it takes there. */
import { mkdtempSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { defineHook, GenericTrainer, TrainerHooks, type GenericTrainerConfig } from "../../src/index.js";
import { LinearModel, linearBatches, type Rows } from "../support/linear-model.js";
import { temporaryRuns } from "../support/run.js";

const runsDir = temporaryRuns();
const SECRET = "hunter2-4711";
const URI = `https://me:${SECRET}@host`;
const train = linearBatches(4, 4);

/** Takes a config of any form. */
class Own extends TrainerHooks<Rows> {}

interface Ended {
  /** Every byte below the run's directory. */
  written: Buffer;
  files: string[];
  warnings: string[];
  reason: string | undefined;
}

async function runWith(hooks: TrainerHooks<Rows>[], config: GenericTrainerConfig = {}): Promise<Ended> {
  const model = new LinearModel({ width: 2 });
  const trainer = new GenericTrainer<Rows>(
    {
      maxEpochs: 2,
      runsDir: mkdtempSync(join(runsDir, "x-")),
      logging: { loggerType: "tensorboard", logEveryNSteps: 1 },
      hooks: {
        enableModelCheckpointHook: true,
        modelCheckpointConfig: { monitor: "train/loss" },
        hookClasses: [Own],
        hookConfigs: { Own: { password: SECRET, keys: [{ apiKey: SECRET }] } },
      },
      ...config,
    },
    model,
    model.optimizer,
  );
  for (const hook of hooks) trainer.hookManager.registerHook(hook);
  const warnings: string[] = [];
  trainer.events.on("warning", ({ message }) => warnings.push(message));
  const { reason } = await trainer.fit({ train }).catch((error: { result?: { reason: string } }) => {
    if (error.result === undefined) throw error; // it did not start
    return error.result;
  });
  const entries = readdirSync(trainer.run.dir, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const files = entries.map(({ parentPath, name }) => join(parentPath, name));
  return { files, warnings, reason, written: Buffer.concat(files.map((file) => readFileSync(file))) };
}

test("what is logged, warned of, and given as the reason of a stop", async () => {
  const leaky = defineHook<Rows>("leaky", {
    onTrainBatchEnd({ logger, state }) {
      if (state.step !== 2) return;
      logger.logEvent("x", { password: SECRET, pin: { token: 47 }, credentials: { at: [SECRET] }, at: URI }, 2);
      logger.logText("note", `--token ${SECRET} {"password":"${SECRET}"}`, 2);
      logger.setTags({ DB_PASS: SECRET, at: URI });
      logger.logParams({ OPENAI_KEY: SECRET, at: `${URI}/?sig=${SECRET}` });
      logger.logArtifact({ name: URI, path: `s3://me:${SECRET}@bucket/a`, metadata: { token: SECRET } } as never, 2);
      logger.logGraph({ name: URI, layers: [{ name: "a", op: `b?token=${SECRET}`, inputs: [] }] });
      logger.logScatter("s", new Float32Array(2), new Float32Array(2), 2, undefined, { xLabel: URI });
    },
    onEpochEnd: (trainer) => trainer.requestStop(`no answer from ${URI}`),
  });
  const { written, files, reason } = await runWith([leaky]);
  expect(reason).toBe("no answer from https://***@host");
  for (const name of ["run.json", "summary.json", "config.yaml", "manifest.json"])
    expect(files.some((file) => file.endsWith(name))).toBe(true);
  expect(files.some((file) => file.includes("tfevents"))).toBe(true);
  expect(written.includes(SECRET)).toBe(false);
});

test("an error: its message, stack and causes, and warnings of listeners", async () => {
  const failing = defineHook<Rows>("failing", {
    onTrainBatchEnd({ state }) {
      if (state.step === 2) throw new Error(`401 from ${URI}`, { cause: new Error(`password=${SECRET}`) });
    },
    onException() {
      throw new Error(`Authorization: Bearer ${SECRET}`);
    },
  });
  const { written, reason } = await runWith([failing]);
  expect(reason).toContain("401 from https://");
  expect(written.includes(SECRET)).toBe(false);
});

test("a warning of the trainer", async () => {
  const slow = defineHook<Rows>("slow", { onEpochEnd: (trainer) => trainer.requestStop(`token=${SECRET}`) });
  const { written, warnings } = await runWith([slow], { minEpochs: 2, maxEpochs: 2 });
  expect(warnings).toEqual([expect.stringContaining("is dropped (token=***)")]);
  expect(written.includes(SECRET)).toBe(false);
});
