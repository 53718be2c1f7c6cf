/** A run's params, tags, notes and environment: what every backend gets, and what the run's files hold. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import type { LoaderSource, LoggerBackend, Optimizer, ParamValue, RunInfo } from "../../src/contract/index.js";
import { arrayLoader } from "../../src/data/index.js";
import { GenericTrainer, defineHook, type GenericTrainerConfig } from "../../src/index.js";
import { LinearModel, linearBatches, type Rows } from "../support/linear-model.js";
import { MemoryBackend } from "../support/memory-backend.js";
import { temporaryRuns } from "../support/run.js";

const runsDir = temporaryRuns();
const collate = (chosen: Rows[]): Rows => ({ x: chosen.flatMap(({ x }) => x), y: chosen.flatMap(({ y }) => y) });
const loader = (batchSize: number): LoaderSource<Rows> & object => arrayLoader(linearBatches(8, 1), { batchSize, collate });
const optimizer = (name: string, learningRate: number): Optimizer => ({ name, learningRate, state: () => ({}), loadState() {} });

interface Given extends GenericTrainerConfig {
  train?: LoaderSource<Rows>;
  optimizers?: readonly Optimizer[];
}

async function trained({ train = loader(4), optimizers = [optimizer("sgd", 0.1)], ...config }: Given) {
  const memory = new MemoryBackend();
  const logging = { loggerType: "none", ...config.logging, loggers: [memory, ...(config.logging?.loggers ?? [])] } as const;
  const model = new LinearModel({ width: 2 });
  const trainer = new GenericTrainer<Rows>({ maxEpochs: 1, runsDir, ...config, logging }, model, optimizers);
  const { dir } = await trainer.fit({ train });
  const summary = JSON.parse(readFileSync(join(dir, "summary.json"), "utf8")) as Record<string, unknown>;
  return {
    memory,
    dir,
    summary,
    warnings: memory.events.filter(({ name }) => name === "warning").map(({ data }) => String(data["message"])),
  };
}

/** Those that follow from the set-up of these tests are left out. */
function ownParams(memory: MemoryBackend): Record<string, ParamValue> {
  const { maxEpochs: _epochs, model: _model, parameterCount: _count, ...rest } = memory.params;
  return Object.fromEntries(Object.entries(rest).filter(([name]) => !name.startsWith("logging.")));
}

describe("params", () => {
  test("the user's own, what the trainer knows, and what differs from the defaults", async () => {
    const { memory, summary } = await trained({ seed: 7, params: { model: { layers: [8, 4] }, dropout: 0.5 } });
    expect(memory.params).toEqual({
      "model.layers": "[8,4]",
      dropout: 0.5,
      optimizer: "sgd",
      learningRate: 0.1,
      batchSize: 4,
      model: "linear model",
      parameterCount: 3,
      maxEpochs: 1,
      seed: 7,
      "logging.loggerType": "none",
      "logging.loggers": '["[LoggerBackend memory]"]',
    });
    expect(summary["params"]).toEqual(memory.params);
  });

  test.each<{ what: string; given: Given; is: Record<string, ParamValue> }>([
    { what: "nothing is known", given: { optimizers: [], train: linearBatches(1, 4) }, is: {} },
    {
      what: "two optimizers with one rate",
      given: { optimizers: [optimizer("sgd", 0.1), optimizer("adam", 0.1)] },
      is: { optimizer: "sgd, adam", learningRate: 0.1, batchSize: 4 },
    },
    {
      what: "two of one name",
      given: { optimizers: [optimizer("sgd", 0.1), optimizer("sgd", 0.2)] },
      is: { optimizer: "sgd, sgd#2", "learningRate.sgd": 0.1, "learningRate.sgd#2": 0.2, batchSize: 4 },
    },
    {
      what: "loaders of one size",
      given: { train: { a: loader(2), b: loader(2) } as LoaderSource<Rows> },
      is: { optimizer: "sgd", learningRate: 0.1, batchSize: 2 },
    },
    {
      what: "loaders of two sizes",
      given: { train: { a: loader(2), b: loader(4) } as LoaderSource<Rows> },
      is: { optimizer: "sgd", learningRate: 0.1, "batchSize.a": 2, "batchSize.b": 4 },
    },
    {
      what: "one loader that says nothing",
      given: { train: { a: loader(2), b: linearBatches(1, 4) } as LoaderSource<Rows> },
      is: { optimizer: "sgd", learningRate: 0.1, "batchSize.a": 2 },
    },
    {
      what: "names that the user has too",
      given: { params: { learningRate: 3, seed: 9, constructor: 1 }, seed: 7 },
      is: { learningRate: 3, seed: 9, constructor: 1, optimizer: "sgd", batchSize: 4 },
    },
    {
      what: "secrets",
      given: { params: { hub: { token: "abc", url: "https://me:pw@host" }, apiKey: 1234 } },
      is: { "hub.token": "***", "hub.url": "https://***@host", apiKey: "***", optimizer: "sgd", learningRate: 0.1, batchSize: 4 },
    },
  ])("$what", async ({ given, is }) => expect(ownParams((await trained(given)).memory)).toEqual(is));

  test("a hook logs nested ones", async () => {
    const memory = new MemoryBackend();
    const trainer = new GenericTrainer<Rows>(
      { maxEpochs: 1, runsDir, logging: { loggerType: "none", loggers: [memory] } },
      new LinearModel({ width: 2 }),
    );
    trainer.hookManager.registerHook(
      defineHook<Rows>("logs", { onTrainStart: ({ logger }) => logger.logParams({ fold: { index: 3, of: [5] } }) }),
    );
    await trainer.fit({ train: linearBatches(1, 4) });
    expect(memory.params).toMatchObject({ "fold.index": 3, "fold.of": "[5]" });
  });
});

describe("what a run is known by", () => {
  const NOTES = "# Why\n\nsee https://me:pw@host";
  const known = { project: "digits", tags: { team: "vision", apiKey: "abc" }, notes: NOTES, params: { rate: 0.5, token: "abc" } };

  test("is in config.yaml and summary.json, and reaches backends, without secrets", async () => {
    const { memory, dir, summary } = await trained(known);
    const shown = { project: "digits", tags: { team: "vision", apiKey: "***" }, notes: "# Why\n\nsee https://***@host" };
    expect(memory.tags).toEqual(shown.tags);
    expect(memory.notes).toEqual([shown.notes]);
    expect(summary).toMatchObject({ ...shown, params: { rate: 0.5, token: "***", optimizer: "sgd" } });
    expect(parse(readFileSync(join(dir, "config.yaml"), "utf8"))).toMatchObject({
      ...shown,
      params: { rate: 0.5, token: "***" },
    });
  });

  test("is nothing where nothing is given", async () => {
    const { memory, summary } = await trained({});
    expect([memory.tags, memory.notes]).toEqual([{}, []]);
    expect(summary).toMatchObject({ project: null, tags: {}, notes: null });
  });

  test("a list of tags has no values", async () => {
    const { memory, summary } = await trained({ tags: ["baseline", "v2"] });
    expect(memory.tags).toEqual({ baseline: "", v2: "" });
    expect(summary["tags"]).toEqual({ baseline: "", v2: "" });
  });

  test("a backend without notes gets a text, and without that an event", async () => {
    const calls: unknown[] = [];
    const text: LoggerBackend = {
      name: "text",
      logMetrics() {},
      logText: (...given) => void (given[0] === "notes" && calls.push(given.slice(0, 3))),
    };
    const event: LoggerBackend = {
      name: "event",
      logMetrics() {},
      logEvent: (name, data) => void (name === "text" && calls.push(data)),
    };
    await trained({ notes: "mind the step", logging: { loggers: [text, event] } });
    expect(calls.filter((call) => !(Array.isArray(call) && call[0] === "runEnd"))).toEqual([
      ["notes", "mind the step", 0],
      { name: "notes", text: "mind the step" },
    ]);
  });

  test("the training log has the project on each line, and on the first what the run was started in", async () => {
    const { dir } = await trained({ ...known, logging: { loggerType: "composite", compositeLoggers: ["tensorboard"] } });
    const log = join(dir, "log", readdirSync(join(dir, "log"))[0] as string);
    const lines = readFileSync(log, "utf8")
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(new Set(lines.map((line) => line["experiment_id"]))).toEqual(new Set(["digits"]));
    expect(lines[0]).toMatchObject({
      event: "run_start",
      setup: { modelName: "linear model", parameterCount: 3, optimizers: [{ name: "sgd", learningRate: 0.1 }] },
      environment: { node: process.version, workingDirectory: process.cwd(), packages: { trainscope: expect.any(String) } },
    });
    expect(lines.find((line) => line["event"] === "notes")).toMatchObject({ message: "# Why\n\nsee https://***@host" });
  });
});

test("the environment is in summary.json, and known to backends when they start", async () => {
  const infos: RunInfo[] = [];
  const backend: LoggerBackend = { name: "starts", start: (info) => void infos.push(info), logMetrics() {} };
  const { summary } = await trained({ logging: { loggers: [backend] } });
  expect(infos[0]?.environment).toMatchObject({ host: expect.any(String), command: expect.arrayContaining([process.execPath]) });
  expect(summary["environment"]).toEqual(infos[0]?.environment);
  expect(summary["setup"]).toEqual(infos[0]?.setup);
});

describe("a resumed run", () => {
  const hooks = { enableModelCheckpointHook: true, modelCheckpointConfig: { monitor: "train/loss" } } as const;

  test("that is described in another way is warned about, as any change of the config", async () => {
    const base = { runName: "described", resume: "auto", hooks } as const;
    await trained({ ...base, params: { rate: 0.5, gone: 1 }, tags: ["a"], notes: "before\nit" });
    const { warnings, memory } = await trained({
      ...base,
      maxEpochs: 2,
      params: { rate: 0.6 },
      tags: ["a", "b"],
      notes: "x".repeat(1000),
    });
    const changes = warnings.find((warning) => warning.startsWith("The config differs")) ?? "";
    for (const change of [
      "params.rate: 0.5 before, 0.6 now",
      "params.gone: 1 before, not set now",
      'tags: ["a"] before, ["a","b"] now',
      String.raw`notes: before\nit before, xxx`,
    ])
      expect(changes).toContain(change);
    expect(changes.length).toBeLessThan(1000);
    expect(changes).not.toContain("params: ");
    expect(memory.tags).toMatchObject({ a: "", b: "", "resume.changed.params.rate": "0.5 -> 0.6" });
  });

  test("with other notes only trains no further than it had", async () => {
    const base = {
      runName: "stopped",
      resume: "auto",
      maxEpochs: 5,
      hooks,
    } as const;
    const stops = defineHook<Rows>("stops", {
      onTrainBatchEnd: (trainer) => void (trainer.state.step === 2 && trainer.requestStop("enough")),
    });
    const attempt = async (extra: GenericTrainerConfig): Promise<number> => {
      const trainer = new GenericTrainer<Rows>(
        { runsDir, ...base, logging: { loggerType: "none" }, ...extra },
        new LinearModel({ width: 2 }),
      );
      trainer.hookManager.registerHook(stops);
      return (await trainer.fit({ train: linearBatches(3, 4) })).steps;
    };
    expect(await attempt({ notes: "first" })).toBe(2);
    expect(await attempt({ notes: "second", tags: ["x"], project: "p" })).toBe(2);
    expect(await attempt({ notes: "second", params: { rate: 1 } })).toBe(15);
  });
});
