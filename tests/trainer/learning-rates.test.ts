import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import {
  GenericTrainer,
  defineHook,
  type FitData,
  type GenericTrainerConfig,
  type LearningRateScheduleConfig,
  type RateFunction,
  type TrainerHooks,
} from "../../src/index.js";
import { MemoryBackend } from "../support/memory-backend.js";
import { RateModel } from "../support/rate-model.js";
import { temporaryRuns } from "../support/run.js";

const runsDir = temporaryRuns();
const batches = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

interface Given {
  config: GenericTrainerConfig;
  schedule?: LearningRateScheduleConfig | null;
  data?: FitData<number>["train"];
  accumulate?: number;
  learningRate?: number;
  hooks?: readonly TrainerHooks<number>[];
  interruptAt?: number;
}

/** Trains with a cosine from 1 to 0.25, unless another schedule is given; null: with none. */
async function train(given: Given): Promise<{ rates: number[]; warnings: string[] }> {
  const model = new RateModel(given.learningRate ?? 1, given.accumulate);
  const memory = new MemoryBackend();
  const { schedule = { kind: "cosine", minLr: 0.25 } } = given;
  const hooks = {
    ...given.config.hooks,
    ...(schedule === null ? {} : { enableLearningRateSchedule: true, learningRateScheduleConfig: schedule }),
  };
  const trainer = new GenericTrainer<number>(
    { runsDir, logging: { loggerType: "none", loggers: [memory] }, ...given.config, hooks },
    model,
    model.optimizer,
  );
  for (const hook of given.hooks ?? []) trainer.hookManager.registerHook(hook);
  const interruption = new AbortController();
  const interrupter = defineHook<number>("interrupter", {
    onTrainBatchEnd: ({ state }) => void (state.batch === given.interruptAt && interruption.abort(new Error("as by a signal"))),
  });
  trainer.hookManager.registerHook(interrupter);
  await trainer.fit({ train: given.data ?? batches(10) }, { signal: interruption.signal });
  return { rates: model.rates, warnings: memory.warnings };
}

const cosine = (count: number): number[] =>
  batches(count).map((step) => 0.25 + (0.75 * (1 + Math.cos((Math.PI * step) / (count - 1)))) / 2);
const near = (rates: readonly number[]): unknown => rates.map((rate) => expect.closeTo(rate, 12) as number);

/** Loaders of which one does not say its length. */
const silent = (count: number): FitData<number>["train"] => ({ batches: () => batches(count).values() });

describe("a schedule spans the batches that will be", () => {
  test.each<Given & { name: string; spans: number }>([
    { name: "maxEpochs × batches", config: { maxEpochs: 2 }, spans: 20 },
    { name: "maxEpochs where it is the shorter limit", config: { maxEpochs: 2, maxSteps: 1000 }, spans: 20 },
    { name: "maxSteps where it is, in the middle of an epoch", config: { maxEpochs: 5, maxSteps: 13 }, spans: 13 },
    { name: "micro-batches: all of them", config: { maxEpochs: 2 }, accumulate: 4, spans: 20 },
    { name: "micro-batches that end between two updates", config: { maxEpochs: 1 }, accumulate: 3, spans: 10 },
    {
      name: "micro-batches with a maxSteps that is not reached",
      config: { maxEpochs: 2, maxSteps: 15 },
      accumulate: 4,
      spans: 20,
    },
    { name: "batchesPerEpoch", config: { maxEpochs: 3, trainLoaderConfig: { batchesPerEpoch: 4 } }, spans: 12 },
    {
      name: "batchesPerEpoch of a loader of unknown length",
      config: { maxEpochs: 3, maxSteps: 1000, trainLoaderConfig: { batchesPerEpoch: 4 } },
      data: silent(6),
      spans: 12,
    },
    { name: "maxSteps alone, of a loader of unknown length", config: { maxSteps: 12 }, data: silent(5), spans: 12 },
    {
      name: "the shorter of two loaders",
      config: { maxEpochs: 2, trainLoaderConfig: { samplingStrategy: "roundRobin", exhaustion: "stopAtShortest" } },
      data: { a: batches(3), b: batches(5) },
      spans: 12,
    },
    { name: "one batch", config: { maxEpochs: 1 }, data: batches(1), spans: 1 },
  ])("$name", async ({ spans, ...given }) => {
    const { rates, warnings } = await train(given);
    expect(rates.at(-1)).toBe(0.25);
    expect(rates).toEqual(spans === 1 ? [0.25] : near(cosine(spans)));
    const oneStep = expect.stringContaining("The run has 1 step, which is the end of the schedule") as string;
    expect(warnings).toEqual(spans === 1 ? [oneStep] : []);
  });

  test("micro-batches of a step share its rate where maxSteps is the limit", async () => {
    const { rates } = await train({ config: { maxSteps: 5 }, accumulate: 3 });
    expect(rates).toEqual(near(cosine(5).flatMap((rate) => [rate, rate, rate])));
  });

  test("the warm-up counts steps, and what is left spans the batches that are left", async () => {
    const { rates } = await train({
      config: { maxEpochs: 1 },
      accumulate: 2,
      schedule: { kind: "cosine", warmupSteps: 2, minLr: 0.25 },
    });
    expect(rates).toEqual(near([0, 0, 0.5, 0.5, ...cosine(6)]));
  });

  test("one-cycle is torch's", async () => {
    const { rates } = await train({ config: { maxEpochs: 1 }, schedule: { kind: "oneCycle", maxLr: 25, minLr: 0.5 } });
    expect(rates.map((rate) => Number(rate.toFixed(2)))).toEqual([1, 13, 25, 23.79, 20.39, 15.48, 10.02, 5.11, 1.71, 0.5]);
  });

  test.each<GenericTrainerConfig>([{ maxEpochs: 2 }, { maxEpochs: 2, maxSteps: 1000 }])(
    "%j of unknown length is refused, unless totalSteps tells it",
    async (config) => {
      await expect(train({ config, data: silent(5) })).rejects.toMatchObject({
        code: "ERR_CONFIG",
        path: "hooks.learningRateScheduleConfig.totalSteps",
        detail: expect.stringMatching(/length is not known/) as string,
      });
      const schedule = { kind: "cosine", totalSteps: 10, minLr: 0.25 } as const;
      expect((await train({ config, data: silent(5), schedule })).rates).toEqual(near(cosine(10)));
    },
  );
});

describe("a resumed run", () => {
  const checkpoints = { enableModelCheckpointHook: true, modelCheckpointConfig: { monitor: "train/loss", async: false } };

  test.each([
    { name: "in the middle of an epoch", interruptAt: 7, accumulate: 1 },
    { name: "between two updates", interruptAt: 7, accumulate: 3 },
    { name: "in the warm-up", interruptAt: 3, accumulate: 2 },
    { name: "after an epoch", interruptAt: 10, accumulate: 2 },
  ])("has the rates of one that was not interrupted: $name", async ({ name, interruptAt, accumulate }) => {
    const schedule = { kind: "cosine", warmupSteps: 2, minLr: 0.25 } as const;
    const whole = await train({ config: { maxEpochs: 2 }, schedule, accumulate });
    const config: GenericTrainerConfig = { maxEpochs: 2, runName: `same ${name}`, resume: "auto", hooks: checkpoints };
    const first = await train({ config, schedule, accumulate, interruptAt });
    const second = await train({ config, schedule, accumulate });
    expect([...first.rates, ...second.rates]).toEqual(whole.rates);
    expect(second.rates.at(-1)).toBe(0.25);
    expect(second.warnings).toEqual([]);
  });

  test.each<LearningRateScheduleConfig>([
    { kind: "linear", minLr: 0.25, warmupSteps: 3 },
    { kind: "polynomial", power: 2, minLr: 0.1 },
    { kind: "exponential", gamma: 0.2 },
    { kind: "exponential", gamma: 0.5, stepSize: 7, warmupSteps: 2 },
    { kind: "milestones", milestones: [6, 8, 15] },
    { kind: "cosineRestarts", cycles: 3, cycleFactor: 1.5, cycleDecay: 0.7, minLr: 0.01 },
    { kind: "cosineRestarts", cycleSteps: 4, cycleFactor: 2, warmupSteps: 2 },
    { kind: "function", rate: (step, totalSteps, baseRate) => baseRate / (1 + step / totalSteps), warmupSteps: 4 },
  ])("has the rates of one that was not interrupted: %j", async (schedule) => {
    const runName = `exact ${JSON.stringify(schedule).replaceAll(/[^\w.]/g, "_")}`;
    const config: GenericTrainerConfig = { maxEpochs: 2, resume: "auto", hooks: checkpoints };
    const whole = await train({ config: { maxEpochs: 2 }, schedule });
    const first = await train({ config: { ...config, runName }, schedule, interruptAt: 7 });
    const second = await train({ config: { ...config, runName }, schedule });
    expect(first.rates).toHaveLength(7);
    expect([...first.rates, ...second.rates]).toEqual(whole.rates);
    expect(new Set(whole.rates).size).toBeGreaterThan(3);
  });

  test("that is longer spans the longer run", async () => {
    const config: GenericTrainerConfig = { maxEpochs: 1, runName: "longer", resume: "auto", hooks: checkpoints };
    const first = await train({ config, accumulate: 3 });
    const second = await train({ config: { ...config, maxEpochs: 2 }, accumulate: 3 });
    expect(first.rates).toEqual(near(cosine(10)));
    expect(second.rates).toEqual(near(cosine(20).slice(10)));
    expect(second.rates.at(-1)).toBe(0.25);
  });

  test("with fewer batches an epoch spans those that will be", async () => {
    const config: GenericTrainerConfig = { maxEpochs: 2, runName: "shorter epochs", resume: "auto", hooks: checkpoints };
    const first = await train({ config, interruptAt: 10 });
    const second = await train({ config: { ...config, maxEpochs: 3 }, data: batches(4) });
    expect([first.rates.length, second.rates.length]).toEqual([10, 8]);
    expect(second.rates).toEqual(near(cosine(18).slice(10)));
  });

  test("keeps its learning rate, and says so where the code gives another", async () => {
    const config: GenericTrainerConfig = { maxEpochs: 1, runName: "changed", resume: "auto", hooks: checkpoints };
    await train({ config, schedule: null, learningRate: 0.5 });
    const changed = await train({ config: { ...config, maxEpochs: 2 }, schedule: null, learningRate: 0.1 });
    expect(new Set(changed.rates)).toEqual(new Set([0.5]));
    expect(changed.warnings).toContainEqual(
      expect.stringMatching(
        /optimizer "sgd" is given learning rate 0\.1 now, and was given 0\.5 before[^]*continues with 0\.5[^]*onTrainStart/,
      ),
    );
    const again = await train({ config: { ...config, maxEpochs: 3 }, schedule: null, learningRate: 0.1 });
    expect(again.warnings.filter((warning) => warning.includes("learning rate"))).toEqual([]);
  });

  test.each([
    { name: "without a schedule", schedule: null, rate: 0.1 },
    { name: "with a schedule", schedule: { kind: "step", stepSize: 5, gamma: 0.5 } as const, rate: 0.1 / 4 },
  ])("takes the rate that a hook sets in onTrainStart, $name", async ({ name, schedule, rate }) => {
    const config: GenericTrainerConfig = { maxEpochs: 1, runName: `set ${name}`, resume: "auto", hooks: checkpoints };
    await train({ config, schedule });
    const setter = defineHook<number>("setter", {
      onTrainStart({ optimizers: [optimizer] }) {
        if (optimizer !== undefined) optimizer.learningRate = 0.1;
      },
    });
    const second = await train({ config: { ...config, maxEpochs: 2 }, schedule, hooks: [setter] });
    expect(second.rates[0]).toBeCloseTo(rate, 12);
  });
});

describe("batches that update nothing", () => {
  test.each([
    { name: "in epochs", data: batches(10), batches: 1000 },
    { name: "in an endless epoch", data: { batches: () => endless(), length: Infinity }, batches: 10_000 },
  ])("end a run that only maxSteps would end, with an error: $name", async ({ data, batches: count }) => {
    const failing = train({ config: { maxSteps: 3 }, schedule: null, data, accumulate: 0 });
    await expect(failing).rejects.toMatchObject({
      code: "ERR_STEP_RESULT",
      path: "model.trainStep",
      detail: expect.stringMatching(new RegExp(`maxSteps \\(3\\)[^]*is at 0, and the last ${count} batches made none`)) as string,
    });
  });

  test("are a warning where maxEpochs ends the run, or an update comes after more than an epoch", async () => {
    const idle = await train({ config: { maxEpochs: 3 }, schedule: null, accumulate: 0 });
    expect(idle.warnings).toEqual([expect.stringMatching(/updated no weights in 10 batches[^]*leave updated out/)]);
    const slow = await train({ config: { maxSteps: 4 }, schedule: null, data: batches(3), accumulate: 400 });
    expect(slow.rates).toHaveLength(1600);
    expect(slow.warnings).toHaveLength(1);
    const once = await train({ config: { maxSteps: 4 }, schedule: null, data: batches(5), accumulate: 5 });
    expect(once.warnings).toEqual([]);
  });
});

function* endless(): Generator<number> {
  for (;;) yield 0;
}

describe("a schedule of one's own", () => {
  const own = (rate: RateFunction): LearningRateScheduleConfig => ({ kind: "function", rate });

  test("is asked once for each step and optimizer, and before the run for its first rate, with the length of the run", async () => {
    const asked: number[][] = [];
    const schedule = own((step, totalSteps, baseRate) => {
      asked.push([step, totalSteps, baseRate]);
      return baseRate / (step + 1);
    });
    const { rates } = await train({ config: { maxEpochs: 1, maxSteps: 4 }, schedule, learningRate: 2 });
    expect(rates).toEqual([2, 1, 2 / 3, 0.5]);
    expect(asked).toEqual([0, 0, 0, 1, 2, 3].map((step) => [step, 4, 2])); // to check it, and to say it
  });

  test("counts optimizer steps where several batches make one", async () => {
    const asked = new Set<string>();
    const schedule = own((step, totalSteps, baseRate) => {
      asked.add(`${step}/${totalSteps}`);
      return baseRate * 0.5 ** step;
    });
    const runName = "own, micro-batches";
    const checkpoints = { enableModelCheckpointHook: true, modelCheckpointConfig: { monitor: "train/loss", async: false } };
    const config: GenericTrainerConfig = { maxEpochs: 2, hooks: checkpoints };
    const { rates } = await train({ config: { maxEpochs: 2 }, schedule, accumulate: 4 });
    expect(rates).toEqual([0, 1, 2, 3, 4].flatMap((step) => Array<number>(4).fill(0.5 ** step)));
    expect([...asked]).toEqual(["0/20", "1/5", "2/5", "3/5", "4/5"]);
    asked.clear();
    const first = await train({ config: { ...config, runName, resume: "auto" }, schedule, accumulate: 4, interruptAt: 10 });
    const second = await train({ config: { ...config, runName, resume: "auto" }, schedule, accumulate: 4 });
    expect([...first.rates, ...second.rates]).toEqual(rates);
    expect([...asked]).toEqual(["0/20", "1/5", "2/5", "3/5", "4/5"]);
  });

  test("has Infinity where the length is not known", async () => {
    const places: number[] = [];
    const schedule = own((step, totalSteps) => {
      places.push(step, totalSteps);
      return 1;
    });
    await train({ config: { maxEpochs: 1 }, schedule, data: silent(3) });
    expect(places.slice(-6)).toEqual([0, Infinity, 1, Infinity, 2, Infinity]);
  });

  test.each([
    { name: "NaN", rate: () => NaN, found: "NaN" },
    { name: "a negative rate", rate: () => -1, found: "-1" },
    { name: "nothing", rate: (() => undefined) as never as RateFunction, found: "undefined" },
    { name: "a promise", rate: (async () => 1) as never as RateFunction, found: "a promise" },
    {
      name: "nothing, for it throws,",
      rate: (): never => {
        throw new Error("no rate today");
      },
      found: "It threw: no rate today",
    },
  ])("that returns $name is refused before anything is written", async ({ rate, found }) => {
    const runName = "bad rate";
    const failure = train({ config: { maxEpochs: 1, runName }, schedule: own(rate) });
    await expect(failure).rejects.toMatchObject({ code: "ERR_CONFIG", path: "hooks.learningRateScheduleConfig.rate" });
    await expect(failure).rejects.toThrow(found);
    expect(existsSync(join(runsDir, runName))).toBe(false);
  });

  test("that fails later ends the run at that step, with the hook's name", async () => {
    const schedule = own((step) => (step < 3 ? 1 : Infinity));
    await expect(train({ config: { maxEpochs: 1 }, schedule })).rejects.toMatchObject({
      code: "ERR_CONFIG",
      path: "hook learningRateSchedule, onTrainBatchStart",
      message: expect.stringMatching(/rate\(3, 10, 1\) returned Infinity/) as string,
      result: { steps: 3 },
    });
  });
});

test("a schedule that does not fit leaves no directory, so that the corrected run can have its name", async () => {
  const config: GenericTrainerConfig = { maxEpochs: 1, runName: "corrected" };
  await expect(train({ config, schedule: { kind: "cosine", minLr: 2 } })).rejects.toThrow(/minLr is 2, above the learning rate/);
  await expect(train({ config, schedule: { kind: "linear", warmupSteps: 10 } })).rejects.toThrow(/the warm-up alone takes 10/);
  expect(existsSync(join(runsDir, "corrected"))).toBe(false);
  expect((await train({ config, schedule: { kind: "linear", minLr: 0.5 } })).rates.at(-1)).toBe(0.5);
});
