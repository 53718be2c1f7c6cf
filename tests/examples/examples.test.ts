import { execFile } from "node:child_process";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { beforeAll, describe, expect, test } from "vitest";
import { temporaryRuns } from "../support/run.js";

const root = fileURLToPath(new URL("../..", import.meta.url));
const cwd = temporaryRuns();
const run = promisify(execFile);

/** What an example prints, run as a user would: as a program, against the built package. */
async function runExample(name: string): Promise<string> {
  const tsx = new URL("../../node_modules/tsx/dist/loader.mjs", import.meta.url).href;
  const { stdout } = await run(process.execPath, ["--import", tsx, join(root, "examples", `${name}.ts`)], {
    cwd,
    env: { ...process.env, NO_COLOR: "1" },
  });
  return stdout;
}

const output: Record<string, string> = {};
beforeAll(async () => {
  for (const name of ["plain-model", "custom-hook", "custom-backend", "own-loop", "gan", "model-fit"])
    output[name] = await runExample(name);
});

describe("examples", () => {
  test("a plain-TypeScript model learns, is logged to the console, and stops early", () => {
    expect(output["plain-model"]).toMatch(/^epoch {2}1\/30 +step 20 /m);
    expect(output["plain-model"]).toMatch(/^stopped [^:]*: earlyStopping: val\/loss has not\s+improved [^]*^accuracy 0\.9\d+/m);
  });

  test("a custom hook stops the run with its own reason", () => {
    expect(output["custom-hook"]).toMatch(/stopped after \d+ epochs: val\/accuracy was at least 0.95, 2 times in a row/);
    expect(output["custom-hook"]).toContain("lossAlarm");
  });

  test("a custom backend has every point of the run", () => {
    const [, rows, path] = /(\d+) rows in (.+)/.exec(output["custom-backend"] ?? "") ?? [];
    const lines = readFileSync(path as string, "utf8")
      .trimEnd()
      .split("\n");
    expect(lines).toHaveLength(Number(rows) + 1);
    expect(lines.filter((line) => line.includes(",epoch/val_loss,"))).toHaveLength(3);
    expect(output["custom-backend"]).toMatch(new RegExp(`backend: 'csv',\\s+delivered: ${rows},`));
  });

  test("a generator and a discriminator are trained in one loop", () => {
    const [, distance] = /completed: the generated points are (\d\.\d+) from the ring/.exec(output["gan"] ?? "") ?? [];
    expect(Number(distance)).toBeLessThan(0.3);
  });

  test("one's own loop writes a readable log with means, rates and system metrics", () => {
    const dir = join(cwd, "runs/own-loop/log");
    const lines = readdirSync(dir).flatMap((file) => readFileSync(join(dir, file), "utf8").trimEnd().split("\n"));
    const records = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    const epochs = records.filter(({ event }) => event === "epoch_summary");
    expect(records[0]).toMatchObject({ event: "training_start", experiment_id: "own-loop", params: { learningRate: 0.5 } });
    expect(epochs.length).toBeGreaterThan(3);
    expect(epochs.at(-1)).toMatchObject({
      proportions: { near: { batches: 32 / 48 } },
      "system/memory_used_gb": expect.any(Number) as unknown,
      samplesPerSecond: expect.any(Number) as unknown,
    });
    expect(records.at(-1)).toMatchObject({ event: "training_complete", total_epochs: epochs.length });
  });

  test("model.fit with our logging shows epochs, and writes event files and a log", () => {
    expect(output["model-fit"]).toMatch(/^epoch 3 .*loss \S+ \(val \S+\) +accuracy \S+ \(val \S+\)$/m);
    const [, epochs] =
      /^(\d+) epochs, console \d+, tensorboard \d+, training-log \d+ records$/m.exec(output["model-fit"] ?? "") ?? [];
    const dir = join(cwd, "runs/model-fit/log");
    const lines = readdirSync(dir).flatMap((file) => readFileSync(join(dir, file), "utf8").trimEnd().split("\n"));
    const records = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(records.filter((record) => JSON.stringify(record).includes("epoch/val_loss"))).toHaveLength(Number(epochs));
    expect(readdirSync(join(cwd, "runs/model-fit/tensorboard")).some((file) => file.includes("tfevents"))).toBe(true);
  });
});
