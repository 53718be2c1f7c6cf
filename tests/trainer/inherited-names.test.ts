import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import {
  defineHook,
  GenericTrainer,
  type GenericTrainerConfig,
  type Optimizer,
  type StepResult,
  type TrainableModel,
} from "../../src/index.js";
import { readScalars } from "../support/event-files.js";
import { MemoryBackend } from "../support/memory-backend.js";
import { temporaryRuns } from "../support/run.js";

const runsDir = temporaryRuns();

/** Names that every JavaScript object knows, and that a user may give. */
const NAMES = ["constructor", "toString", "valueOf", "hasOwnProperty", "isPrototypeOf", "toJSON", "then", "length"] as const;

const valueOf = (name: string): number => NAMES.indexOf(name as (typeof NAMES)[number]) + 0.5;
const record = (prefix = ""): Record<string, number> =>
  Object.fromEntries(NAMES.map((name) => [`${prefix}${name}`, valueOf(name)]));

class NamedModel implements TrainableModel<number> {
  readonly metricNames: readonly string[] = NAMES;
  trainStep(): StepResult {
    return { loss: 1, batchSize: 1, metrics: record() };
  }
  evalStep(): StepResult {
    return { loss: 2, batchSize: 1, metrics: record() };
  }
  state(): Record<string, never> {
    return {};
  }
  loadState(): void {}
}

function optimizer(name: string): Optimizer {
  return { name, learningRate: 0.25, state: () => ({}), loadState() {} };
}

interface Seen {
  memory: MemoryBackend;
  dir: string;
  states: unknown[];
}

async function train(runName: string, resume: "never" | "must", maxEpochs: number): Promise<Seen> {
  const memory = new MemoryBackend();
  const states: unknown[] = [];
  const config: GenericTrainerConfig = {
    maxEpochs,
    runsDir,
    runName,
    resume,
    metrics: { perMetric: { ["toString" as string]: "sum" }, directions: { ["constructor" as string]: "max" } },
    logging: { loggerType: "tensorboard", loggers: [memory], logEveryNSteps: 1 },
    hooks: {
      enableEarlyStoppingHook: true,
      earlyStoppingConfig: { monitor: "val/constructor", mode: "max", patience: 100 },
      enableMetricTracker: true,
      enableLearningRateMonitor: true,
      enableModelCheckpointHook: true,
      modelCheckpointConfig: { monitor: "val/valueOf" },
    },
  };
  const model = new NamedModel();
  const trainer = new GenericTrainer<number>(config, model, [optimizer("constructor"), optimizer("toString")]);
  for (const key of ["constructor", "__proto__"]) {
    const hook = defineHook<number>(key, {
      onEpochStart({ logger }) {
        logger.logEvent("constructor", { toString: 1, hasOwnProperty: 2, ["__proto__"]: 3 }, 0);
        logger.logParams({ valueOf: 1, ["__proto__"]: 2 });
        logger.setTags({ constructor: "a", ["__proto__"]: "b" });
        logger.logMetrics(JSON.parse('{"own/constructor": 1, "__proto__": 2}') as Record<string, number>, 1);
      },
    });
    trainer.hookManager.registerHook(
      Object.assign(hook, { state: () => ({ of: key }), loadState: (state: unknown) => void states.push([key, state]) }),
    );
  }
  const result = await trainer.fit({
    train: { constructor: [1, 2], toString: [3] },
    validation: { valueOf: [1], hasOwnProperty: [2] },
  });
  expect(result.delivery.map(({ backend, error }) => [backend, error])).toEqual(
    result.delivery.map(({ backend }) => [backend, undefined]),
  );
  return { memory, dir: result.dir, states };
}

function logLines(dir: string): Record<string, unknown>[] {
  const text = readFileSync(join(dir, "log", "training-000001.jsonl"), "utf8");
  return text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

describe("names that every object knows arrive everywhere", () => {
  test("as metrics, loaders, events, params, tags, optimizers and keys of hooks; before and after a resume", async () => {
    const first = await train("inherited", "never", 1);
    const { memory, dir } = first;
    for (const name of NAMES) {
      expect(memory.series(`train/${name}_step`)).toContainEqual([1, valueOf(name)]);
      expect(memory.series(`epoch/val_${name}`)).toHaveLength(1);
      expect(memory.series(`epoch/hasOwnProperty/val_${name}`)).toEqual([[3, valueOf(name)]]);
    }
    expect(memory.series("epoch/train_toString")).toEqual([[3, 3 * valueOf("toString")]]);
    expect(memory.series("own/constructor")).toContainEqual([1, 1]);

    const lines = logLines(dir);
    const points = lines.filter(({ message }) => message === "metrics").map(({ metrics }) => metrics as Record<string, number>);
    for (const name of NAMES) expect(points.some((metrics) => Object.hasOwn(metrics, `epoch/val_${name}`))).toBe(true);
    const text = lines.map((line) => JSON.stringify(line));
    expect(text.find((line) => line.includes('"event":"constructor"'))).toMatch(/"toString":1,"hasOwnProperty":2,"__proto__":3/);
    expect(text.find((line) => line.includes('"message":"tags"'))).toMatch(/"constructor":"a","__proto__":"b"/);

    const tags = readScalars(join(dir, "tensorboard")).map(([tag]) => tag);
    for (const name of NAMES) expect(tags).toContain(`epoch/val_${name}`);

    const summary = JSON.parse(readFileSync(join(dir, "summary.json"), "utf8")) as { best: object; metrics: object };
    expect(Object.keys(summary.best)).toContain("val/constructor");
    expect(Object.keys(summary.metrics)).toContain("val/valueOf/constructor");
    expect(memory.warnings.filter((warning) => !warning.includes('The point "__proto__"'))).toEqual([]);
    expect(memory.warnings.join()).toContain('has the segment "__proto__"');

    const again = await train("inherited", "must", 2);
    expect(again.states).toEqual([
      ["constructor", { of: "constructor" }],
      ["__proto__", { of: "__proto__" }],
    ]);
    expect(again.memory.series("epoch/val_constructor")).toEqual([[6, valueOf("constructor")]]);
  });
});
