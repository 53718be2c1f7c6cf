import { inject, describe, expect, test } from "vitest";
import { Editor } from "./declarations/editor.js";

const editor = new Editor(inject("scratch"));

const IMPORTS = [
  'import { ERROR_CODES, GenericTrainer, TrainscopeError, defineHook, type Optimizer, type TrainableModel } from "trainscope";',
  'import { CheckpointManager } from "trainscope/checkpoint";',
  'import { EarlyStoppingHook } from "trainscope/hooks";',
  'import { SummaryWriter } from "trainscope/tensorboard";',
  'import { tfjsModel } from "trainscope/tfjs";',
  "declare const model: TrainableModel<number[]>;",
  "declare const optimizers: Optimizer[];",
  "declare const trainer: GenericTrainer<number[]>;",
  "declare const writer: SummaryWriter;",
  "declare const error: TrainscopeError;",
  "export { CheckpointManager, EarlyStoppingHook, defineHook, tfjsModel };",
].join("\n");
const program = (text: string): string => `${IMPORTS}\n${text}\n`;
const config = (text: string): string => program(`new GenericTrainer({ maxEpochs: 1, ${text} }, model, optimizers);`);

describe("hovering shows what a key does and its default", () => {
  test.each([
    {
      of: "a hook's config",
      text: config("hooks: { earlyStoppingConfig: { patience‸: 3 } }"),
      says: /improvement/,
      default: "10",
    },
    { of: "a switch", text: config("hooks: { enableEarlyStoppingHook‸: true }"), says: /stop/i, default: "false" },
    {
      of: "the loggers' config",
      text: config('logging: { tensorboardLayout‸: "one" }'),
      says: /TensorBoard/,
      default: '"one"',
    },
    { of: "the top level", text: config("logging: { logEveryNSteps‸: 3 }"), says: /step/, default: "50" },
    {
      of: "the loaders' config",
      text: config('trainLoaderConfig: { samplingStrategy‸: "weighted" }'),
      says: /loader|batch/,
      default: '"sequential"',
    },
    {
      of: "a hook that is made by hand",
      text: program("new EarlyStoppingHook({ minDelta‸: 0.1 });"),
      says: /improvement/,
      default: "0",
    },
    { of: "a writer", text: program('new SummaryWriter("dir", { flushIntervalMs‸: 3 });'), says: /millisecond/i, default: "500" },
    {
      of: "a checkpoint manager",
      text: program('new CheckpointManager({ dir: "checkpoints", compress‸: "gzip" });'),
      says: /compressed/,
      default: '"none"',
    },
  ])("$of", ({ text, says, default: fallback }) => {
    const shown = editor.hover(text);
    expect(editor.problems()).toEqual([]);
    expect(shown).toEqual({
      kind: "property",
      signature: expect.stringContaining("(property)"),
      comment: expect.stringMatching(says),
      default: fallback,
    });
  });
});

describe("hovering shows what is done", () => {
  test.each([
    {
      of: "a hook method",
      text: program('defineHook("mine", { onTrainBatchEnd‸() {} });'),
      kind: "method",
      says: /after each train step/i,
    },
    { of: "a request", text: program('trainer.requestStop‸("enough");'), kind: "method", says: /end of the run/ },
    {
      of: "a logger's method",
      text: program("trainer.logger.logMetrics‸({ loss: 1 }, 3);"),
      kind: "method",
      says: /step/,
    },
    { of: "an error's code", text: program('if (error.code‸ === "ERR_HOOK") throw error;'), kind: "property", says: /code/i },
    {
      of: "one of the codes",
      text: program("ERROR_CODES.ERR_HOOK‸;"),
      kind: "property",
      says: /^A hook threw/,
    },
    { of: "a class", text: program("const other: SummaryWriter‸ = writer;"), kind: "alias", says: /event files/ },
    { of: "a method of a class", text: program('writer.addScalar‸("a", 1, 2);'), kind: "method", says: /scalar/ },
    { of: "a function", text: program("tfjsModel‸;"), kind: "alias", says: /model/ },
    {
      of: "an event",
      text: program('import type { TrainerEvents } from "trainscope";\nexport type Saved = TrainerEvents["checkpointSaved‸"];'),
      kind: "property",
      says: /checkpoint/,
    },
    { of: "where the run is", text: program("trainer.state.step‸;"), kind: "property", says: /step/ },
  ])("$of", ({ text, kind, says }) => {
    const shown = editor.hover(text);
    expect(editor.problems()).toEqual([]);
    expect(shown).toMatchObject({ kind, comment: expect.stringMatching(says) as unknown });
  });
});

describe("completion offers", () => {
  test("hooks and their configs in a config, with what they do", () => {
    const text = config("hooks: { ‸ }");
    const names = editor.completions(text);
    expect(names).toEqual(
      expect.arrayContaining(["enableEarlyStoppingHook", "earlyStoppingConfig", "hookClasses", "hookConfigs"]),
    );
    expect(names.filter((name) => !/^(enable|hook)|Config$|Source$/.test(name))).toEqual([]);
    expect(editor.completion(text, "enableGradientMonitor").default).toBe("false");
  });

  test("the values of a key that has a few", () => {
    const offered = editor.completions(config('trainLoaderConfig: { samplingStrategy: "‸" }'));
    expect(offered.sort()).toEqual(["alternating", "proportional", "roundRobin", "sequential", "weighted"]);
  });

  test("the hook methods, with when they are called", () => {
    const text = program('defineHook("mine", { ‸ });');
    expect(editor.completions(text)).toEqual(
      expect.arrayContaining(["onTrainStart", "onTrainBatchEnd", "onValidationEnd", "onTrainEnd", "reads", "state"]),
    );
    expect(editor.completion(text, "onValidationEnd").comment).toMatch(/last validation batch/);
  });

  test("events by their names", () => {
    const offered = editor.completions(program('trainer.events.on("‸", () => {});'));
    expect(offered).toEqual(
      expect.arrayContaining(["interval", "epochEnd", "checkpointSaved", "stopRequested", "backendFailed"]),
    );
  });

  test("the codes of errors in a comparison", () => {
    const offered = editor.completions(program('if (error.code === "‸") throw error;'));
    expect(offered).toEqual(expect.arrayContaining(["ERR_CONFIG", "ERR_HOOK", "ERR_UNKNOWN_MONITOR"]));
  });

  test("a writer's options, and none that are for our own tests", () => {
    const text = program('new SummaryWriter("dir", { ‸ });');
    expect(editor.completions(text).sort()).toEqual(["flushIntervalMs", "maxQueueBytes", "onError", "resumeStep"]);
    expect(editor.completion(text, "onError").comment).not.toBe("");
  });

  test("a trainer's members, and none that are internal", () => {
    const offered = editor.completions(program("trainer.‸"));
    expect(offered).toEqual(expect.arrayContaining(["fit", "prepare", "events", "hookManager", "requestStop", "logger"]));
    expect(offered.filter((name) => name.startsWith("_"))).toEqual([]);
  });
});
