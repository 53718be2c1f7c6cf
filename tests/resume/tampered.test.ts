/** The stored state of a run that someone changed on purpose, or a version with another format wrote. */
import { cpSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { CheckpointManager, verifyDirectory } from "../../src/checkpoint/index.js";
import type { FitData, GenericTrainerConfig } from "../../src/index.js";
import { linearBatches, type Rows } from "../support/linear-model.js";
import { temporaryRuns } from "../support/run.js";
import { tamperManifest, tamperRun } from "../support/tamper.js";
import { attempt } from "./harness.js";

const home = temporaryRuns();
let count = 0;
const data = (): FitData<Rows> => ({
  train: linearBatches(3, 4, { kind: "logistic", seed: 1 }),
  validation: linearBatches(1, 4, { kind: "logistic", seed: 2 }),
});
const config = (runsDir: string, more: GenericTrainerConfig = {}): GenericTrainerConfig => ({
  maxEpochs: 2,
  runName: "run",
  runsDir,
  ...more,
  hooks: { enableModelCheckpointHook: true, enableEarlyStoppingHook: true, ...more.hooks },
});

const original = join(home, "original");
const LAST = "epoch-1-step-6";
beforeAll(async () => {
  await attempt({ config: config(original), data: data() });
});

/** The checkpoints of a copy of the run, whose last one `act` changes. */
function tampered(act: (path: string) => void): { runsDir: string; checkpoints: string } {
  const runsDir = join(home, `runs-${count++}`);
  cpSync(original, runsDir, { recursive: true });
  const checkpoints = join(runsDir, "run", "checkpoints");
  act(join(checkpoints, LAST));
  return { runsDir, checkpoints };
}

async function problemsOf(act: (path: string) => void): Promise<string[]> {
  const problems = await verifyDirectory(tampered(act).checkpoints);
  return problems.map(({ checkpoint, file, problem }) => `${checkpoint}/${file}: ${problem}`);
}

type Json = Record<string, unknown>;

/** Sets the value at `path`, `progress.step`; undefined removes it. */
function set(run: Json, path: string, value: unknown): void {
  const keys = path.split(".");
  const last = keys.pop() as string;
  const owner = keys.reduce((object, key) => object[key] as Json, run);
  if (value === undefined) delete owner[last];
  else owner[last] = value;
}

/** The paths of all values of `run.json`, as far as this package defines them: hooks, loaders and metrics check their own. */
function pathsIn(value: unknown, path = ""): string[] {
  const isOwn =
    !/^(hooks|train\.loader|train\.metrics|validation\.loader|board\.best|config|board\.latest|learningRates)(\.|$)/.test(path);
  if (typeof value !== "object" || value === null || !isOwn) return [path];
  const below = Array.isArray(value)
    ? []
    : Object.entries(value).flatMap(([key, item]) => pathsIn(item, path === "" ? key : `${path}.${key}`));
  return [...(path === "" ? [] : [path]), ...below];
}

const nan = { $: "number", value: "NaN" };
const ROWS: [path: string, value: unknown][] = [
  ...[-1e9, -1, 0.5, 2 ** 53, 1e300, nan, null, "6", []].map((value): [string, unknown] => ["progress.step", value]),
  ...["epoch", "epochsCompleted", "batch", "batchInEpoch", "loggedStep"].flatMap((key) =>
    [-1, 1.5, nan, "1"].map((value): [string, unknown] => [`progress.${key}`, value]),
  ),
  ...[-1, nan, "1"].map((value): [string, unknown] => ["progress.samples", value]),
  ...[null, "sgd", { sgd: null }, { sgd: "0.1" }].map((value): [string, unknown] => ["learningRates", value]),
  ...[-1, 0.5, nan, null].map((value): [string, unknown] => ["train.loaderIdx", value]),
  ...["batches", 1, null].map((value): [string, unknown] => ["phase", value]),
  ...[{}, { loss: "0.5" }, { "val/loss": null }, []].map((value): [string, unknown] => ["board.latest", value]).slice(1),
  ...[null, [1], { 0: "val/loss" }].map((value): [string, unknown] => ["board.published.val", value]),
  ...[{}, { request: null, isAgreed: true }, { request: { reason: 1, kind: "forced" }, isAgreed: true }, "stop"].map(
    (value): [string, unknown] => ["stop", value],
  ),
  ["stop", { request: { reason: "x", kind: "constructor" }, isAgreed: true }],
  ["stop", { request: { reason: "x", kind: "forced" }, isAgreed: "yes" }],
  ...[null, [], "x", { maxEpochs: {} }, { maxEpochs: [1] }].map((value): [string, unknown] => ["config", value]),
  ...[null, [], { "val/loss": 5 }, { "val/loss": { step: -1, times: 1 } }, { "val/loss": { step: 1 } }].map(
    (value): [string, unknown] => ["board.measured", value],
  ),
  ["startRates", { sgd: null }],
  ["firstRates", { sgd: null }],
  ["runId", 5],
  ["runName", null],
  ["validation", []],
  ["hooks", []],
];

test.each(ROWS)("%s %j is refused by name", async (path, value) => {
  const problems = await problemsOf((at) => tamperRun(at, (run) => set(run, path, value)));
  expect(problems).toEqual([
    expect.stringMatching(new RegExp(`^${LAST}/run\\.json: ${path.replaceAll(".", "\\.")}.* (is|allowed)`)),
  ]);
});

test("every value that is stored has a check: none may be missing, but those that versions before did not store", async () => {
  const run = JSON.parse(readFileSync(join(original, "run/checkpoints", LAST, "run.json"), "utf8")) as Json;
  const paths = pathsIn(run).filter(
    (path) =>
      !/^(format|version|startRates|firstRates|board\.measured|progress\.validationDue)(\.|$)|^board\.history($|\.(values|pending)\.)/.test(
        path,
      ),
  );
  expect(paths.length).toBeGreaterThan(25);
  for (const path of paths) {
    const problems = await problemsOf((at) => tamperRun(at, (stored) => set(stored, path, undefined)));
    expect(problems, path).toEqual([`${LAST}/run.json: ${path} is missing`]);
  }
});

test("a manifest and a state of different steps", async () => {
  const problems = await problemsOf((at) => tamperManifest(at, (body) => void (body["step"] = 5)));
  expect(problems).toEqual([`${LAST}/run.json: progress.step is 6, its manifest says 5`]);
});

describe("a resume", () => {
  test("goes on from the checkpoint before, with a warning that names the value", async () => {
    const { runsDir } = tampered((at) => tamperRun(at, (run) => set(run, "progress.step", -1e9)));
    const resumed = await attempt({ config: config(runsDir, { resume: "must" }), data: data() });
    expect(resumed.trainer.run.resumedFromStep).toBe(3);
    expect(resumed.result).toMatchObject({ status: "completed", steps: 6 });
    const { warnings } = resumed.memory;
    expect(warnings.join("\n")).toMatch(
      /was skipped: epoch-1-step-6\/run\.json: progress\.step is -1000000000; allowed: a whole number/,
    );
  });

  test("is refused where no checkpoint is left, with every value", async () => {
    const { runsDir, checkpoints } = tampered((at) => tamperRun(at, (run) => set(run, "config", null)));
    tamperRun(join(checkpoints, "epoch-0-step-3"), (run) => set(run, "stop", 5));
    const refused = attempt({ config: config(runsDir, { resume: "must" }), data: data() });
    await expect(refused).rejects.toMatchObject({ code: "ERR_RESUME" });
    await expect(refused).rejects.toThrow(
      /run\.json: config is null[^]*run\.json: stop is 5|run\.json: stop is 5[^]*config is null/,
    );
  });

  test("is refused for a state without the mark of a trainer, checked all the same", async () => {
    const { runsDir } = tampered((at) =>
      tamperRun(at, (run) => {
        delete run["format"];
        set(run, "progress.epoch", -1);
      }),
    );
    const refused = attempt({ config: config(runsDir, { resume: "must" }), data: data() });
    await expect(refused).rejects.toMatchObject({ code: "ERR_RESUME" });
    await expect(refused).rejects.toThrow(/holds no run that can be resumed: progress\.epoch is -1; allowed/);
  });

  test("goes on from the run's own checkpoint where a manager alone saved a later one, which stays", async () => {
    const { runsDir, checkpoints } = tampered(() => undefined);
    const manager = new CheckpointManager({ dir: checkpoints });
    await manager.save({ model: {}, run: { mine: 1 } }, { epoch: 9, step: 9 }).committed;
    await manager.close();
    const { result } = await attempt({ config: config(runsDir, { resume: "must" }), data: data() });
    expect(result.status).toBe("completed");
    const all = new CheckpointManager({ dir: checkpoints });
    expect((await all.list()).map(({ step, run }) => [step, run])).toContainEqual([9, null]);
    await all.close();
  });

  test.each([
    ["train.loaderIdx", 7, /train\.loaderIdx is 7, and there are 1 loaders/],
    ["train.loader.given", -1, /saved state of the loaders is not complete/],
    ["train.loader.loaders.0.taken", -1e9, /saved state of the loaders is not complete/],
    ["train.loader.loaders.0.passes", 0.5, /saved state of the loaders is not complete/],
    ["train.loader.finished.0", "x", /saved state of the loaders is not complete/],
  ])("is refused where %s is %j, before the first step", async (path, value, says) => {
    const { runsDir } = tampered((at) => tamperRun(at, (run) => set(run, path, value)));
    const refused = attempt({ config: config(runsDir, { resume: "must", maxEpochs: 3 }), data: data() });
    await expect(refused).rejects.toMatchObject({ code: "ERR_RESUME" });
    await expect(refused).rejects.toThrow(says);
  });

  test("takes names that objects have: an optimizer, a metric, a hook", async () => {
    const { runsDir } = tampered((at) =>
      tamperRun(at, (run) => {
        run["learningRates"] = {};
        run["hooks"] = { ...(run["hooks"] as Json), constructor: 1 };
        (run["board"] as Json)["latest"] = { toString: 1 };
      }),
    );
    const resumed = await attempt({ config: config(runsDir, { resume: "must", maxEpochs: 3 }), data: data() });
    expect(resumed.trainer.run.resumedFromStep).toBe(6);
    expect(resumed.result.steps).toBe(9);
  });
});
