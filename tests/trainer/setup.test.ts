/** What a run says of its model, optimizers and loaders before the first step. */
import { describe, expect, test } from "vitest";
import type { LoaderSource, Optimizer, RunInfo, RunSetup, TrainableModel } from "../../src/contract/index.js";
import { arrayLoader } from "../../src/data/index.js";
import { GenericTrainer, type GenericTrainerConfig } from "../../src/index.js";
import { LinearModel, linearBatches, type Rows } from "../support/linear-model.js";
import { MemoryBackend } from "../support/memory-backend.js";
import { temporaryRuns } from "../support/run.js";

const runsDir = temporaryRuns();

interface Given {
  model?: TrainableModel<Rows>;
  optimizers?: Optimizer | readonly Optimizer[];
  train?: LoaderSource<Rows>;
  validation?: LoaderSource<Rows>;
  config?: GenericTrainerConfig;
}

/** The setup that a backend is started with, and the run's warnings. */
async function started(given: Given): Promise<{ setup: RunSetup; warnings: string[] }> {
  const infos: RunInfo[] = [];
  const memory = Object.assign(new MemoryBackend(), { start: (info: RunInfo) => void infos.push(info) });
  const model = given.model ?? new LinearModel({ width: 2 });
  const config = { maxEpochs: 1, runsDir, logging: { loggerType: "none", loggers: [memory] }, ...given.config } as const;
  const trainer = new GenericTrainer<Rows>(config, model, given.optimizers ?? []);
  await trainer.fit({ train: given.train ?? linearBatches(2, 4), validation: given.validation });
  const warnings = memory.events.filter(({ name }) => name === "warning").map(({ data }) => String(data["message"]));
  return { setup: infos[0]?.setup as RunSetup, warnings };
}

function sgd(learningRate: number, name = "sgd"): Optimizer {
  return { name, learningRate, state: () => ({}), loadState() {} };
}

function modelWith(extra: object): TrainableModel<Rows> {
  return Object.assign(new LinearModel({ width: 2 }), { describe: undefined }, extra) as unknown as TrainableModel<Rows>;
}

/** An object whose getters throw. */
function unreadable(...keys: string[]): object {
  const get = (): never => {
    throw new Error("not now");
  };
  return Object.defineProperties({}, Object.fromEntries(keys.map((key) => [key, { get, enumerable: true }])));
}

describe("the model", () => {
  const parameters = [{ name: "w", shape: [3, 4], dtype: "F32", read: () => new Float32Array(12) }];
  test.each([
    {
      what: "that describes itself",
      extra: { describe: () => ({ name: "net", layers: [], parameterCount: 5 }) },
      is: ["net", 5],
    },
    {
      what: "whose description is a promise",
      extra: { describe: async () => ({ name: "net", layers: [], parameterCount: 5 }) },
      is: ["net", 5],
    },
    {
      what: "with a name only",
      extra: { describe: () => ({ name: "net", layers: [] }), parameters: () => parameters },
      is: ["net", 12],
    },
    { what: "without a description", extra: { parameters: () => parameters }, is: [null, 12] },
    { what: "that says nothing", extra: { parameters: undefined }, is: [null, null] },
    {
      what: "with an impossible count",
      extra: { describe: () => ({ name: "", layers: [], parameterCount: "7" }), parameters: undefined },
      is: [null, null],
    },
    {
      what: "whose description cannot be read",
      extra: { describe: () => unreadable("name", "parameterCount"), parameters: () => parameters },
      is: [null, 12],
    },
    {
      what: "whose name is no line",
      extra: { describe: () => ({ name: `a\u001b[31m\n${"b".repeat(1000)}`, layers: [] }), parameters: undefined },
      is: [`a\\x1b[31m\\n${"b".repeat(189)}…`, null],
    },
  ])("$what", async ({ extra, is }) => {
    const { setup, warnings } = await started({ model: modelWith(extra) });
    expect([setup.modelName, setup.parameterCount]).toEqual(is);
    expect(warnings).toEqual([]);
  });

  test.each([
    {
      what: "describe",
      extra: {
        describe: () => {
          throw new TypeError("no graph");
        },
        parameters: () => parameters,
      },
      count: 12,
      warning: "model.describe() threw: no graph",
    },
    {
      what: "describe later",
      extra: { describe: () => Promise.reject(new TypeError("no graph")), parameters: () => parameters },
      count: 12,
      warning: "model.describe() threw: no graph",
    },
    {
      what: "parameters",
      extra: {
        parameters: () => {
          throw new TypeError("on the device");
        },
      },
      count: null,
      warning: "model.parameters() threw: on the device",
    },
  ])("that throws in $what costs a warning, not the run", async ({ extra, count, warning }) => {
    const { setup, warnings } = await started({ model: modelWith(extra) });
    expect([setup.modelName, setup.parameterCount]).toEqual([null, count]);
    expect(warnings).toEqual([expect.stringContaining(warning)]);
  });

  test("whose backend and packages cannot be read is trained", async () => {
    const model = Object.defineProperties(
      modelWith({}),
      Object.getOwnPropertyDescriptors(unreadable("backend", "packages")),
    ) as TrainableModel<Rows>;
    expect((await started({ model })).setup.backend).toBeNull();
  });

  test("is described once, and names its backend", async () => {
    let calls = 0;
    const model = modelWith({ describe: () => ({ name: `call ${++calls}`, layers: [] }), backend: "wasm" });
    expect((await started({ model })).setup).toMatchObject({ modelName: "call 1", backend: "wasm" });
    expect(calls).toBe(1);
  });
});

describe("the learning rate of the first step", () => {
  const of = async (config: GenericTrainerConfig["hooks"], rates = [0.1]): Promise<number[]> => {
    const { setup } = await started({
      optimizers: rates.map((rate) => sgd(rate)),
      config: { maxEpochs: 5, hooks: config ?? {} },
    });
    return setup.optimizers.map(({ learningRate }) => learningRate);
  };

  test.each([
    { what: "none", learningRateScheduleConfig: undefined, enableLearningRateSchedule: false, is: 0.1 },
    { what: "constant", learningRateScheduleConfig: { kind: "constant" }, is: 0.1 },
    { what: "a warm-up", learningRateScheduleConfig: { kind: "constant", warmupSteps: 3 }, is: 0.1 },
    { what: "cosine after a warm-up", learningRateScheduleConfig: { kind: "cosine", warmupSteps: 3 }, is: 0.1 },
    { what: "one cycle up to a higher rate", learningRateScheduleConfig: { kind: "oneCycle", maxLr: 1 }, is: 0.1 },
    { what: "steps", learningRateScheduleConfig: { kind: "step", stepSize: 1, gamma: 0.5 }, is: 0.1 },
  ] as const)("with $what", async ({ is, learningRateScheduleConfig, ...rest }) => {
    const enable = !("enableLearningRateSchedule" in rest);
    expect(
      await of({ enableLearningRateSchedule: enable, ...(learningRateScheduleConfig ? { learningRateScheduleConfig } : {}) }),
    ).toEqual([is]);
  });

  test("of two optimizers of one name", async () => expect(await of({}, [0.1, 0.2])).toEqual([0.1, 0.2]));

  test("of a resumed run is that of its first attempt", async () => {
    const hooks = {
      enableModelCheckpointHook: true,
      modelCheckpointConfig: { monitor: "train/loss" },
      enableLearningRateSchedule: true,
      learningRateScheduleConfig: { kind: "step", stepSize: 1, gamma: 0.5 },
    } as const;
    const attempt = async (maxEpochs: number, rate: number): Promise<RunSetup> =>
      (await started({ optimizers: [sgd(rate)], config: { runName: "resumed", resume: "auto", maxEpochs, hooks } })).setup;
    expect((await attempt(1, 0.1)).optimizers).toEqual([{ name: "sgd", learningRate: 0.1 }]);
    expect((await attempt(2, 0.7)).optimizers).toEqual([{ name: "sgd", learningRate: 0.1 }]);
    expect((await attempt(3, 0.1)).optimizers).toEqual([{ name: "sgd", learningRate: 0.1 }]);
  });
});

describe("loaders", () => {
  const rows = linearBatches(10, 1);
  const collate = (chosen: Rows[]): Rows => ({ x: chosen.flatMap(({ x }) => x), y: chosen.flatMap(({ y }) => y) });
  const loader = (extra: object): LoaderSource<Rows> => Object.assign({ batches: () => linearBatches(2, 4) }, extra);
  const nothing = { name: "default", batches: null, samples: null, batchSize: null };
  test.each([
    { what: "an array of batches", train: () => linearBatches(3, 4), is: [{ ...nothing, batches: 3 }] },
    {
      what: "samples",
      train: () => arrayLoader(rows, { batchSize: 4, collate }),
      is: [{ name: "default", batches: 3, samples: 10, batchSize: 4 }],
    },
    {
      what: "samples without the last ones",
      train: () => arrayLoader(rows, { batchSize: 4, dropLast: true, collate }),
      is: [{ name: "default", batches: 2, samples: 8, batchSize: 4 }],
    },
    { what: "one that says nothing", train: () => loader({}), is: [nothing] },
    {
      what: "two by name",
      train: () => ({ a: linearBatches(1, 4), b: arrayLoader(rows, { batchSize: 5, collate }) }),
      is: [
        { ...nothing, name: "a", batches: 1 },
        { name: "b", batches: 2, samples: 10, batchSize: 5 },
      ],
    },
  ])("$what", async ({ train, is }) => {
    const { setup, warnings } = await started({ train: train(), validation: train() });
    expect(setup.train).toEqual(is);
    expect(setup.validation).toEqual(is);
    expect(warnings).toEqual([]);
  });

  test.each([
    { what: "a list of samples", extra: { samples: [1, 2] }, warning: 'The samples of loader "default" is a list of 2' },
    { what: "a fraction", extra: { batchSize: 2.5 }, warning: 'The batchSize of loader "default" is 2.5' },
    { what: "none", extra: { samples: 0 }, warning: 'The samples of loader "default" is 0' },
    {
      what: "a loader that cannot be asked",
      extra: null,
      warning: 'The batchSize of loader "default" could not be read (not yet)',
    },
  ])("$what is warned about, and left out", async ({ extra, warning }) => {
    const failing = {
      batches: () => linearBatches(2, 4),
      get batchSize(): number {
        throw new TypeError("not yet");
      },
    };
    const { setup, warnings } = await started({ train: extra === null ? failing : loader(extra) });
    expect(setup.train).toEqual([nothing]);
    expect(warnings).toEqual([expect.stringContaining(warning)]);
  });
});
