/** Whose is it: runs whose parts are in several places, and places that several runs share. */
import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, test, vi } from "vitest";
import { CheckpointManager } from "../../src/checkpoint/index.js";
import { TensorBoardBackend } from "../../src/loggers/tensorboard/index.js";
import { defineHook, type FitData, type GenericTrainerConfig } from "../../src/index.js";
import { readScalars } from "../support/event-files.js";
import { linearBatches, type Rows } from "../support/linear-model.js";
import { temporaryRuns } from "../support/run.js";
import { attempt, type Attempt } from "./harness.js";

const home = temporaryRuns();
let count = 0;
afterEach(() => vi.unstubAllEnvs());

const data = (): FitData<Rows> => ({
  train: linearBatches(6, 8, { kind: "logistic", seed: 1 }),
  validation: linearBatches(2, 8, { kind: "logistic", seed: 2 }),
});

interface Given extends Omit<GenericTrainerConfig, "hooks"> {
  checkpoints?: NonNullable<GenericTrainerConfig["hooks"]>["modelCheckpointConfig"];
  interruptAt?: number;
}

/** One start of a run that saves every 4 of its 18 steps. */
function start({ checkpoints, interruptAt, ...config }: Given): Promise<Attempt> {
  const hooks = { enableModelCheckpointHook: true, modelCheckpointConfig: { everyNSteps: 4, ...checkpoints } };
  const options = { config: { maxEpochs: 3, runName: "a", ...config, hooks }, data: data() };
  return attempt(interruptAt === undefined ? options : { ...options, interruptAt });
}

/** A start that fails before its first step. */
async function fails(given: Given): Promise<{ code?: string; message?: string }> {
  const steps: number[] = [];
  const hook = defineHook<Rows>("count", { onTrainBatchEnd: ({ state }) => void steps.push(state.step) });
  const { checkpoints, ...config } = given;
  const hooks = { enableModelCheckpointHook: true, modelCheckpointConfig: { everyNSteps: 4, ...checkpoints } };
  const started = attempt({ config: { maxEpochs: 3, runName: "a", ...config, hooks }, data: data(), hooks: [hook] });
  const error = await started.then(
    () => ({}),
    (thrown: unknown) => thrown as { code: string; message: string },
  );
  expect(steps).toEqual([]);
  return error;
}

const fresh = (): string => join(home, String(++count));
const names = (dir: string): string[] =>
  readdirSync(dir)
    .filter((name) => !name.startsWith("."))
    .toSorted();
/** Every file below, with its contents. */
const contents = (dir: string): Record<string, string> =>
  Object.fromEntries(
    readdirSync(dir, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => [join(entry.parentPath, entry.name), readFileSync(join(entry.parentPath, entry.name), "base64")]),
  );

describe("a run whose directory is gone", () => {
  const places: { place: string; checkpoints: (root: string) => Given["checkpoints"]; env?: boolean }[] = [
    { place: "rootDir", checkpoints: (root) => ({ rootDir: join(root, "ck") }) },
    { place: "dir", checkpoints: (root) => ({ dir: join(root, "ck/a") }) },
    { place: "the environment's directory", checkpoints: () => ({}), env: true },
    { place: "a backup", checkpoints: (root) => ({ backupDir: join(root, "ck/a") }) },
  ];
  describe.each(places)("and whose checkpoints are in $place", ({ checkpoints, env = false }) => {
    async function interrupted(): Promise<{ given: Given; first: Attempt; ck: string }> {
      const root = fresh();
      if (env) vi.stubEnv("TRAINSCOPE_CHECKPOINT_DIR", join(root, "ck"));
      const given = { runsDir: join(root, "runs"), checkpoints: { ...checkpoints(root) } };
      const first = await start({ ...given, interruptAt: 10 });
      rmSync(given.runsDir, { recursive: true });
      return { given, first, ck: join(root, "ck/a") };
    }

    test.each(["auto", "must"] as const)("%s goes on from the last one, under the same id", async (resume) => {
      const { given, first } = await interrupted();
      const { trainer, result } = await start({ ...given, resume });
      expect(trainer.run).toMatchObject({ runId: first.trainer.run.runId, resumedFromStep: 10, attempt: 2 });
      expect(result.steps).toBe(18);
      const again = await start({ ...given, resume: "must", maxEpochs: 4 });
      expect(again.trainer.run).toMatchObject({ runId: first.trainer.run.runId, resumedFromStep: 18, attempt: 3 });
    });

    test("never refuses it like a used run directory, names what it found, and deletes nothing", async () => {
      const { given, first, ck } = await interrupted();
      const before = contents(ck);
      const error = await fails({ ...given, resume: "never" });
      expect(error).toMatchObject({ code: "ERR_RUN_EXISTS", path: "runName" });
      expect(error.message).toContain(`3 checkpoints in ${ck} of the run "a" (${first.trainer.run.runId})`);
      expect(error.message).toContain('resume: "auto" or "must"');
      expect(contents(ck)).toEqual(before);
      const other = await start({ ...given, runName: "b" });
      expect(other.result.steps).toBe(18);
      for (const [file, bytes] of Object.entries(before)) expect(readFileSync(file, "base64"), file).toBe(bytes);
    });
  });

  test("and that has nothing left but damaged checkpoints of its name is not started again without a word", async () => {
    const root = fresh();
    const given = { runsDir: join(root, "runs"), checkpoints: { rootDir: join(root, "ck") } };
    await start({ ...given, interruptAt: 3 });
    rmSync(given.runsDir, { recursive: true });
    for (const name of names(join(root, "ck/a"))) writeFileSync(join(root, "ck/a", name, "manifest.json"), "{");
    for (const name of names(join(root, "ck/a"))) rmSync(join(root, "ck/a", name, "run.json"));
    expect(await fails({ ...given })).toMatchObject({ code: "ERR_RUN_EXISTS" });
    expect(await fails({ ...given, resume: "auto" })).toMatchObject({ code: "ERR_RESUME" });
  });

  test("and whose name two runs have is not resumed", async () => {
    const root = fresh();
    const checkpoints = { dir: join(root, "ck") };
    await start({ runsDir: join(root, "r1"), checkpoints, interruptAt: 3 });
    cpSync(join(root, "ck"), join(root, "kept"), { recursive: true });
    rmSync(join(root, "ck"), { recursive: true });
    await start({ runsDir: join(root, "r2"), checkpoints, interruptAt: 3 });
    cpSync(join(root, "kept/epoch-0-step-3"), join(root, "ck/first"), { recursive: true });
    const error = await fails({ runsDir: join(root, "r3"), checkpoints, resume: "auto" });
    expect(error).toMatchObject({ code: "ERR_RESUME", message: expect.stringContaining('Two runs are called "a"') as unknown });
  });
});

describe("a run finds its checkpoints where earlier starts put them", () => {
  test.each([
    { moved: "from the default to rootDir", before: {}, after: { rootDir: "R" } },
    { moved: "from rootDir to the default", before: { rootDir: "R" }, after: {} },
    { moved: "from dir to the default", before: { dir: "D" }, after: {} },
    { moved: "from dir to another dir", before: { dir: "D" }, after: { dir: "E" } },
  ])("$moved", async ({ before, after }) => {
    const root = fresh();
    const under = (section: object): object =>
      Object.fromEntries(Object.entries(section).map(([key, value]) => [key, join(root, value as string)]));
    const runsDir = join(root, "runs");
    const first = await start({ runsDir, checkpoints: under(before), interruptAt: 10 });
    const second = await start({ runsDir, checkpoints: under(after), resume: "auto", interruptAt: 14 });
    expect(second.trainer.run).toMatchObject({ resumedFromStep: 10, runId: first.trainer.run.runId });
    expect(second.memory.warnings.join("\n")).toMatch(/is resumed from .*epoch-1-step-10\. It saves in /);
    const back = await start({ runsDir, checkpoints: under(before), resume: "auto" });
    expect(back.trainer.run.resumedFromStep).toBe(14);
  });
});

describe("two runs with one directory of checkpoints", () => {
  test("each lists, ranks, rotates and resumes only its own, and no name is replaced", async () => {
    const root = fresh();
    const runsDir = join(root, "runs");
    const checkpoints = { dir: join(root, "ck"), maxCheckpoints: 1, saveTopK: 1, monitor: "train/loss" };
    const a = await start({ runsDir, checkpoints, interruptAt: 10 });
    const before = contents(checkpoints.dir);
    const b = await start({ runsDir, checkpoints, runName: "b", interruptAt: 14, seed: 3 });
    for (const [file, bytes] of Object.entries(before)) expect(readFileSync(file, "base64"), file).toBe(bytes);
    const ids = [a.trainer.run.runId, b.trainer.run.runId];
    const all = await new CheckpointManager({ dir: checkpoints.dir }).list();
    expect(new Set(all.map(({ run }) => run?.runId))).toEqual(new Set(ids));
    for (const { trainer } of [a, b]) {
      const own = new CheckpointManager({ dir: checkpoints.dir, run: trainer.run, monitor: "train/loss" });
      const listed = await own.list();
      expect(listed.map(({ run }) => run)).toEqual(
        listed.map(() => ({ runId: trainer.run.runId, runName: trainer.run.runName })),
      );
      expect(listed.filter(({ isBest }) => isBest).length).toBeLessThanOrEqual(1);
      expect((await own.loadLast())?.info.run?.runId).toBe(trainer.run.runId);
      const [others] = all.filter(({ run }) => run?.runId !== trainer.run.runId);
      await expect(own.load(others?.name as string)).rejects.toMatchObject({ code: "ERR_CHECKPOINT_MISSING" });
      await expect(own.remove(others?.name as string)).rejects.toMatchObject({ code: "ERR_CHECKPOINT_MISSING" });
      await own.close();
    }
    const again = await start({ runsDir, checkpoints, resume: "must" });
    expect(again.trainer.run).toMatchObject({ runId: ids[0], resumedFromStep: 10 });
    const other = await start({ runsDir, checkpoints, runName: "b", resume: "must", seed: 3 });
    expect(other.trainer.run).toMatchObject({ runId: ids[1], resumedFromStep: 14 });
  });

  test("a run that crashed early does not go on from the weights of the other", async () => {
    const root = fresh();
    const runsDir = join(root, "runs");
    const checkpoints = { dir: join(root, "ck"), saveLast: false };
    const whole = await start({ runsDir: join(root, "alone"), checkpoints: {}, runName: "b" });
    await start({ runsDir, checkpoints, interruptAt: 10 });
    await start({ runsDir, checkpoints, runName: "b", interruptAt: 2 });
    const b = await start({ runsDir, checkpoints, runName: "b", resume: "auto" });
    expect(b.trainer.run.resumedFromStep).toBeNull();
    expect(b.memory.warnings.join()).toContain("holds no checkpoint of this run");
    expect(b.model.bytes).toBe(whole.model.bytes);
    expect(await fails({ runsDir, checkpoints, runName: "c", resume: "must" })).toMatchObject({
      code: "ERR_RESUME",
      message: expect.stringContaining(
        `no run "c" in ${runsDir}, and no checkpoint of that name in ${checkpoints.dir}.`,
      ) as unknown,
    });
  });

  test("a damaged checkpoint of one does not keep the other from starting, nor is it deleted", async () => {
    const root = fresh();
    const runsDir = join(root, "runs");
    const checkpoints = { dir: join(root, "ck"), maxCheckpoints: 1, saveTopK: 0 };
    await start({ runsDir, checkpoints, interruptAt: 3 });
    const damaged = join(checkpoints.dir, "epoch-0-step-3/manifest.json");
    writeFileSync(damaged, readFileSync(damaged, "utf8").replace('"epoch": 0', '"epoch": 1'));
    await start({ runsDir, checkpoints, runName: "b", interruptAt: 3 });
    for (const name of names(checkpoints.dir))
      if (name !== "epoch-0-step-3") rmSync(join(checkpoints.dir, name), { recursive: true });
    const b = await start({ runsDir, checkpoints, runName: "b", resume: "auto" });
    expect(b.result.steps).toBe(18);
    expect(existsSync(damaged)).toBe(true);
    expect(await fails({ runsDir, checkpoints, resume: "auto" })).toMatchObject({ code: "ERR_RESUME" });
  });

  test("a manager without a run lists and loads all, and its keep rules delete only those of no run", async () => {
    const dir = join(fresh(), "ck");
    await start({ runsDir: join(dir, "../runs"), checkpoints: { dir }, interruptAt: 5 });
    const ofRun = names(dir);
    await using manager = new CheckpointManager({ dir, maxCheckpoints: 1, saveTopK: 0, monitor: "train/loss" });
    expect((await manager.loadLast())?.info).toMatchObject({ step: 5, run: { runName: "a" } });
    for (const step of [6, 7]) await manager.save({ model: {} }, { epoch: 0, step }).committed;
    await manager.flush();
    await manager.close();
    expect(names(dir)).toEqual([...ofRun, "epoch-0-step-7"].toSorted());
    expect((await manager.list()).map(({ step, run }) => [step, run?.runName])).toEqual([
      [4, "a"],
      [5, "a"],
      [7, undefined],
    ]);
    const again = await start({
      runsDir: join(dir, "../runs"),
      checkpoints: { dir, maxCheckpoints: 1, saveTopK: 0 },
      resume: "must",
    });
    expect(again.trainer.run.resumedFromStep).toBe(5);
    expect(names(dir)).toContain("epoch-0-step-7");
  });
});

test("two runs with one backupDir: every copy stays its run's, and rotation deletes only the run's own", async () => {
  const root = fresh();
  const backupDir = join(root, "backup");
  const checkpoints = { backupDir, maxCheckpoints: 1, saveTopK: 0 };
  const runs = [];
  for (const runName of ["a", "b"]) runs.push(await start({ runsDir: join(root, "runs"), checkpoints, runName }));
  const copies = await new CheckpointManager({ dir: backupDir }).list();
  expect(copies.map(({ name, step, run }) => [name, step, run?.runName])).toEqual(
    expect.arrayContaining([
      ["epoch-2-step-18", 18, "a"],
      ["epoch-2-step-18-2", 18, "b"],
    ]),
  );
  expect(copies).toHaveLength(2);
  expect(await new CheckpointManager({ dir: backupDir }).verify()).toEqual([]);
  expect(runs.flatMap(({ memory }) => memory.warnings).filter((text) => text.includes("backup"))).toEqual([]);
});

describe("event files", () => {
  const logging = (root: string): GenericTrainerConfig["logging"] => ({
    loggerType: "tensorboard",
    tensorboardDir: join(root, "tb"),
  });
  const steps = (dir: string): number[] => readScalars(dir).flatMap(([tag, step]) => (tag === "train/loss_step" ? [step] : []));

  test("of two runs of one name go to two directories, and a resume cuts and continues only its own", async () => {
    const root = fresh();
    const given = (runs: string): Given => ({ runsDir: join(root, runs), logging: logging(root) });
    const a = await start(given("r1"));
    const b = await start({ ...given("r2"), interruptAt: 10 });
    expect(b.memory.warnings.join("\n")).toContain(
      `tb/a belongs to the run "a" (${a.trainer.run.runId}). The event files of this run are written to ${join(root, "tb/a-2")}.`,
    );
    const before = contents(join(root, "tb/a"));
    rmSync(join(root, "r2/a/checkpoints/epoch-1-step-10"), { recursive: true });
    const again = await start({ ...given("r2"), resume: "must" });
    expect(again.trainer.run.resumedFromStep).toBe(8);
    expect(contents(join(root, "tb/a"))).toEqual(before);
    expect(names(join(root, "tb"))).toEqual(["a", "a-2"]);
    expect(steps(join(root, "tb/a-2"))).toEqual(steps(join(root, "tb/a")));
  });

  test("that were there before, of no known run, are not written to; in the run's own directory they are the run's", async () => {
    const root = fresh();
    mkdirSync(join(root, "tb/a"), { recursive: true });
    writeFileSync(join(root, "tb/a/events.out.tfevents.1.host.1.1"), "of another program");
    const { memory } = await start({ runsDir: join(root, "runs"), logging: logging(root), interruptAt: 10 });
    expect(memory.warnings.join()).toContain("holds event files of no known run");
    expect(names(join(root, "tb/a"))).toEqual(["events.out.tfevents.1.host.1.1"]);
    const own = { runsDir: join(root, "own"), logging: { loggerType: "tensorboard" } } as const;
    await start({ ...own, interruptAt: 10 });
    rmSync(join(root, "own/a/tensorboard/owner.json")); // as written by an earlier version
    const { memory: quiet } = await start({ ...own, resume: "must" });
    expect(quiet.warnings.join()).not.toContain("event files");
    expect(names(join(root, "own/a"))).not.toContain("tensorboard-2");
  });

  test("of a run below the directory of another one are not cut when that one is resumed", async () => {
    const root = fresh();
    const outer = (): Given => ({
      runsDir: join(root, "runs"),
      logging: { loggers: [new TensorBoardBackend({ dir: join(root, "tb"), layout: "phases" })] },
    });
    // The harness replaces `loggers`, so the backends are started by hand.
    const one = outer().logging?.loggers?.[0] as TensorBoardBackend;
    const identity = (runId: string, resumedFromStep: number | null) =>
      ({ runId, runName: runId, dir: root, attempt: 1, resumedFromStep, rank: 0, worldSize: 1 }) as never;
    one.start(identity("one", null));
    one.logMetrics({ "train/loss_step": 1 }, 9);
    await one.close("interrupted");
    const two = new TensorBoardBackend({ dir: join(root, "tb/validation") });
    two.start(identity("two", null));
    two.logMetrics({ x: 1 }, 9);
    await two.close("completed");
    const before = contents(join(root, "tb/validation"));
    const again = outer().logging?.loggers?.[0] as TensorBoardBackend;
    again.start(identity("one", 4));
    await again.close("completed");
    expect(contents(join(root, "tb/validation"))).toEqual(before);
    expect(steps(join(root, "tb/train"))).toEqual([]);
  });
});

describe("what remains of a run", () => {
  test.each([
    { lost: "one config of a resume", remove: ["config.resume-1.yaml"], attempt: 4 },
    { lost: "the first config", remove: ["config.yaml"], attempt: 4 },
    { lost: "the last config", remove: ["config.resume-2.yaml"], attempt: 3 },
    {
      lost: "all configs and its owner",
      remove: ["config.yaml", "config.resume-1.yaml", "config.resume-2.yaml", "owner.json"],
      attempt: 2,
    },
    { lost: "its summary and its log", remove: ["summary.json", "log"], attempt: 4 },
  ])("without $lost it is resumed under the same id", async ({ remove, attempt: number }) => {
    const runsDir = fresh();
    const first = await start({ runsDir, interruptAt: 5 });
    for (const interruptAt of [8, 11]) await start({ runsDir, resume: "must", interruptAt });
    for (const name of remove) rmSync(join(runsDir, "a", name), { recursive: true });
    const { trainer, result } = await start({ runsDir, resume: "must" });
    expect(trainer.run).toMatchObject({ runId: first.trainer.run.runId, attempt: number, resumedFromStep: 11 });
    expect(result.steps).toBe(18);
    expect((await start({ runsDir, resume: "must", maxEpochs: 4 })).result.steps).toBe(24);
  });

  test("without its checkpoints it starts from the beginning under the same id, with a warning", async () => {
    const runsDir = fresh();
    const first = await start({ runsDir, interruptAt: 5 });
    rmSync(join(runsDir, "a/checkpoints"), { recursive: true });
    expect(await fails({ runsDir, resume: "must" })).toMatchObject({ code: "ERR_RESUME" });
    const { trainer, memory } = await start({ runsDir, resume: "auto" });
    expect(trainer.run).toMatchObject({ runId: first.trainer.run.runId, resumedFromStep: null });
    expect(memory.warnings.join()).toContain("holds no checkpoint of this run");
  });

  test("a renamed run keeps its id", async () => {
    const runsDir = fresh();
    const first = await start({ runsDir, interruptAt: 5 });
    cpSync(join(runsDir, "a"), join(runsDir, "b"), { recursive: true });
    rmSync(join(runsDir, "a"), { recursive: true });
    const { trainer } = await start({ runsDir, runName: "b", resume: "must" });
    expect(trainer.run).toMatchObject({ runId: first.trainer.run.runId, runName: "b", resumedFromStep: 5 });
  });
});

describe("checkpoints of versions that wrote no run into the manifest", () => {
  const STORED = new URL("../checkpoint/fixtures/before-run-ids", import.meta.url);
  const STORED_RUN = { runId: "218e8cc8-f042-431f-918a-02513bf73e01", runName: "run" };

  test("belong to the run that their state names", async () => {
    const dir = join(fresh(), "ck/run");
    cpSync(STORED, dir, { recursive: true });
    const all = await new CheckpointManager({ dir }).list();
    expect(all.map(({ step, run }) => ({ step, run }))).toEqual([4, 8].map((step) => ({ step, run: STORED_RUN })));
    expect(await new CheckpointManager({ dir }).verify()).toEqual([]);
    expect((await new CheckpointManager({ dir, run: STORED_RUN }).loadLast())?.info.step).toBe(8);
    expect(await new CheckpointManager({ dir, run: { ...STORED_RUN, runId: "other" } }).loadLast()).toBeNull();
    const error = await fails({ runName: "run", runsDir: join(dir, "../../runs"), checkpoints: { rootDir: join(dir, "..") } });
    expect(error).toMatchObject({ code: "ERR_RUN_EXISTS", message: expect.stringContaining(STORED_RUN.runId) as unknown });
  });

  test("are resumed, with and without the run's directory", async () => {
    const root = fresh();
    const given = { runsDir: join(root, "runs"), checkpoints: { rootDir: join(root, "ck") } };
    const first = await start({ ...given, interruptAt: 8 });
    for (const name of names(join(root, "ck/a"))) forgetRun(join(root, "ck/a", name, "manifest.json"));
    rmSync(join(root, "runs/a/owner.json"));
    const second = await start({ ...given, resume: "must", interruptAt: 9 });
    expect(second.trainer.run).toMatchObject({ runId: first.trainer.run.runId, resumedFromStep: 8 });
    for (const name of names(join(root, "ck/a"))) forgetRun(join(root, "ck/a", name, "manifest.json"));
    rmSync(given.runsDir, { recursive: true });
    const third = await start({ ...given, resume: "auto" });
    expect(third.trainer.run).toMatchObject({ runId: first.trainer.run.runId, resumedFromStep: 9 });
  });

  /** The manifest as an earlier version would have written it. */
  function forgetRun(path: string): void {
    const { run: _, sha256: __, ...body } = JSON.parse(readFileSync(path, "utf8")) as Record<string, unknown>;
    const sha256 = createHash("sha256").update(JSON.stringify(body)).digest("hex");
    writeFileSync(path, JSON.stringify({ ...body, sha256 }));
  }

  test("without a run in their state are nobody's: no run lists, resumes or deletes them", async () => {
    const dir = join(fresh(), "ck");
    await using manager = new CheckpointManager({ dir });
    await manager.save({ model: {}, run: { version: 1 } }, { epoch: 0, step: 99 }).committed;
    await manager.close();
    forgetRun(join(dir, "epoch-0-step-99/manifest.json"));
    const runsDir = join(dir, "../runs");
    const { trainer } = await start({ runsDir, checkpoints: { dir, maxCheckpoints: 1, saveTopK: 0 } });
    expect(trainer.run.resumedFromStep).toBeNull();
    expect(names(dir)).toContain("epoch-0-step-99");
  });
});
