import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, inject, test } from "vitest";
import { readEvents, readScalars } from "../support/event-files.js";
import { entryDeclarations } from "./declarations/program.js";
import { makeProject, outcomeOf, runScript, RUNTIMES, train, trainUntil, type Outcome } from "./runtimes/runtime.js";

const subpaths = [...entryDeclarations(join(inject("scratch"), "node_modules/trainscope")).keys()];
/** A test on Node too: it shows what the program does where everything is tested. */
const withNode = RUNTIMES.filter(({ command }) => command !== null);

describe.each(withNode)("the package on $name", (runtime) => {
  let directory: string;
  let whole: Outcome;
  const inRun = (path: string): string => join(directory, "runs/whole", path);

  beforeAll(() => {
    directory = makeProject(runtime.name.toLowerCase());
    whole = train({ ...runtime, args: runtime.least ?? runtime.args }, directory, "whole");
  });

  test("trains to the end, and says the run's result", () => {
    expect(whole).toMatchObject({ status: "completed", steps: 30 });
    expect(whole.metrics["val/accuracy"]).toBeGreaterThan(0.8);
    const summary = JSON.parse(readFileSync(inRun("summary.json"), "utf8")) as { status: string; delivery: object[] };
    expect(summary.status).toBe("completed");
    for (const report of summary.delivery) expect(report).toMatchObject({ pending: 0, refused: 0, dropped: 0 });
  });

  test("writes TensorBoard's files: scalars from the thread that trains, histograms from another", () => {
    const losses = readScalars(inRun("tensorboard")).filter(([tag]) => tag === "train/loss_step");
    expect(losses.map(([, step]) => step)).toEqual(Array.from({ length: 30 }, (_, i) => i + 1));
    const tensors = readEvents(inRun("tensorboard")).flatMap(({ values }) =>
      values.filter(({ plugin }) => plugin === "histograms"),
    );
    expect(tensors.length).toBeGreaterThan(0);
  });

  test("samples the machine and this process", () => {
    const tags = new Set(readScalars(inRun("tensorboard")).map(([tag]) => tag));
    expect([...tags]).toEqual(
      expect.arrayContaining(["system/process_cpu_percent", "system/process_rss_gb", "system/memory_percent"]),
    );
  });

  test("saves checkpoints on another thread, which `npx trainscope verify` finds good", () => {
    expect(readdirSync(inRun("checkpoints"))).toContain("epoch-2-step-30");
    const { code, stdout } = runScript(runtime, directory, "node_modules/trainscope/dist/cli/main.js", ["verify", inRun("")]);
    expect({ code, stdout }).toMatchObject({ code: 0, stdout: expect.stringContaining("all good") as string });
  });

  test("a run that SIGTERM stopped is resumed to the same weights", async () => {
    const stopped = outcomeOf(await trainUntil(runtime, directory, "stopped", "SIGTERM"));
    expect(stopped.status).toBe("interrupted");
    expect(stopped.steps).toBeLessThan(30);
    expect(train(runtime, directory, "stopped")).toMatchObject({ status: "completed", steps: 30, weights: whole.weights });
  });

  test("a run that was killed is resumed to the same weights", async () => {
    const { stdout } = await trainUntil(runtime, directory, "killed", "SIGKILL");
    expect(stdout).not.toContain("completed");
    expect(train(runtime, directory, "killed")).toMatchObject({ steps: 30, weights: whole.weights });
  });

  test.skipIf(runtime.name === "Node")("a run of Node is continued, and ends like it", async () => {
    const node = RUNTIMES[0] as (typeof RUNTIMES)[number];
    outcomeOf(await trainUntil(node, directory, "from-node", "SIGTERM"));
    const { weights } = train(runtime, directory, "from-node");
    expect(Math.max(...weights.map((weight, i) => Math.abs(weight - (whole.weights[i] ?? NaN))))).toBeLessThan(1e-5);
  });

  test("every subpath is imported and required, as one module", () => {
    const lines = subpaths.map(
      (name) =>
        `if ((await import("${name}")) === undefined || !same(await import("${name}"), require("${name}"))) throw "${name}";`,
    );
    const head = [
      'import { createRequire } from "node:module";',
      "const require = createRequire(import.meta.url);",
      "const same = (a, b) => Object.keys(a).every((key) => a[key] === b[key]);",
    ];
    writeFileSync(join(directory, "subpaths.mjs"), [...head, ...lines].join("\n"));
    const { code, stderr } = runScript(runtime, directory, "subpaths.mjs");
    expect(code, stderr).toBe(0);
  });
});
