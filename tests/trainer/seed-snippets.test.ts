import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { GenericTrainer } from "../../src/index.js";
import { SEED_SNIPPETS } from "../config/seed-snippets.js";
import { LinearModel, linearBatches, type Rows } from "../support/linear-model.js";
import { temporaryRuns } from "../support/run.js";

const dir = temporaryRuns();
const home = process.cwd();

/** Snippets name hooks of a package: it is installed where the run starts. */
beforeAll(() => {
  const pkg = join(dir, "node_modules/mypackage");
  mkdirSync(pkg, { recursive: true });
  writeFileSync(
    join(pkg, "package.json"),
    JSON.stringify({ name: "mypackage", type: "module", exports: { "./hooks": "./hooks.js" } }),
  );
  const classes = ["MyCustomHook", "CriticalHook", "OptionalHook"].map(
    (name) => `export class ${name} { onEpochEnd() { (globalThis.snippetCalls ??= []).push("${name}"); } }`,
  );
  writeFileSync(join(pkg, "hooks.js"), classes.join("\n"));
  process.chdir(dir);
});
afterAll(() => process.chdir(home));

for (const snippet of SEED_SNIPPETS) {
  if (snippet.built !== true) continue;
  test(`${snippet.name}: trains`, async () => {
    const model = new LinearModel({ width: 2, kind: "logistic" });
    const quiet = (snippet.config.logging?.compositeLoggers ?? []).filter((name) => name !== "console");
    const config = {
      ...snippet.config,
      logging: { ...snippet.config.logging, loggerType: "composite" as const, compositeLoggers: quiet },
    };
    const weights = snippet.config.trainLoaderConfig?.dataloaderWeights;
    const batches = (seed: number): Rows[] => linearBatches(4, 8, { kind: "logistic", seed });
    const train = weights === undefined ? batches(1) : { loader1: batches(1), loader2: batches(2) };
    const trainer = new GenericTrainer<Rows>(config, model, model.optimizer);
    const result = await trainer.fit({ train, validation: batches(3) });
    expect(result).toMatchObject({ status: "completed", epochs: 1 });
    expect(Number.isFinite(result.metrics["val/loss"])).toBe(true);
  });
}

test("hooks named by package run in the order of the list", () => {
  const calls = (globalThis as { snippetCalls?: string[] }).snippetCalls ?? [];
  expect(calls).toEqual(["MyCustomHook", "CriticalHook", "OptionalHook"]);
});
