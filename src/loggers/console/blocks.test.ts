import { describe, expect, test } from "vitest";
import { testRun } from "../../../tests/contract/logger.js";
import { MemoryBackend } from "../../../tests/support/memory-backend.js";
import type { LoaderSetup, RunEnd, RunSetup } from "../../contract/index.js";
import { CompositeLogger } from "../composite/composite-logger.js";
import { ConsoleBackend } from "./backend.js";
import { startItems } from "./start-block.js";

const loader = (name: string, more: Partial<LoaderSetup> = {}): LoaderSetup => ({
  name,
  batches: 125,
  samples: 8000,
  batchSize: 64,
  ...more,
});
const setup: RunSetup = {
  modelName: "digits",
  parameterCount: 235_146,
  backend: "wasm",
  optimizers: [{ name: "adam", learningRate: 0.0010000000474974513 }],
  train: [loader("clean"), loader("shifted", { samples: null, batches: Infinity })],
  validation: [loader("default", { batches: 1, samples: 1, batchSize: null })],
};

function valuesOf(given: RunSetup): Record<string, readonly string[]> {
  return Object.fromEntries(startItems(testRun("/runs/digits", { setup: given })).map(({ label, values }) => [label, values]));
}

describe("the start", () => {
  test("says what is trained, with what, on what, and where", () => {
    expect(valuesOf(setup)).toEqual({
      model: ["digits, 235,146 parameters, on wasm"],
      optimizer: ["adam, learning rate 0.001"],
      train: ["clean: 8,000 samples, 125 batches of 64", "shifted: batches of 64 without an end"],
      validation: ["1 sample, 1 batch"],
      length: ["3 epochs"],
      directory: ["/runs/digits"],
    });
  });

  test("leaves out what is not known", () => {
    const unknown = { samples: null, batches: null, batchSize: null };
    const little = { ...setup, modelName: null, parameterCount: null, backend: null, optimizers: [], validation: [] };
    const values = valuesOf({ ...little, train: [loader("default", unknown), loader("b", { ...unknown, batchSize: 8 })] });
    expect(values).toMatchObject({ model: [], optimizer: [], validation: [] });
    expect(values["train"]).toEqual(["default: length not known", "b: batches of 8"]);
  });

  test("counts the loaders that are too many to be named", () => {
    const train = Array.from({ length: 1000 }, (_, i) => loader(`loader-${i}`));
    expect(valuesOf({ ...setup, train })["train"]).toHaveLength(7);
    expect(valuesOf({ ...setup, train })["train"]?.at(-1)).toBe("and 994 more loaders");
  });
});

const end: RunEnd = {
  message: "stopped: enough",
  status: "stopped",
  reason: "enough",
  epochs: 3,
  steps: 375,
  best: { "val/loss": { value: 0.123456, step: 250, epoch: 1 }, "val/a/loss": { value: 1, step: 1, epoch: 0 } },
  checkpoint: { path: "/runs/digits/checkpoints/epoch-2-step-375", epoch: 2, step: 375 },
  failedSaves: 1,
};

/** What a console beside other backends shows of a run, up to its end. */
async function shown(
  others: readonly (MemoryBackend | object)[],
  meddle: (logger: CompositeLogger) => void = () => {},
  ending: Partial<RunEnd> = {},
) {
  const ended = { ...end, ...ending };
  let text = "";
  const stream = { write: (chunk: string, done?: () => void) => ((text += chunk), done?.()), columns: 200 };
  const logger = new CompositeLogger([new ConsoleBackend({ stream }), ...(others as MemoryBackend[])]);
  await logger.start(testRun("/runs/digits"), { requestStop() {} });
  meddle(logger);
  logger.logEvent("runEnd", { ...ended });
  const reports = await logger.close(ended.status);
  return { text, reports };
}

describe("the end", () => {
  test("says how it ended, what came out, and how to look at it", async () => {
    const view = ["tensorboard", "--logdir", "/my runs"];
    const board = Object.assign(new MemoryBackend("board"), {
      destinations: () => [{ backend: "board", location: "/runs/digits/board", view }],
    });
    const remote = Object.assign(new MemoryBackend("remote"), {
      destinations: () => [{ backend: "remote", location: "https://me:hunter2@host/run/1" }],
    });
    const { text } = await shown([board, remote]);
    expect(text).toMatch(/logged to {3}board: \/runs\/digits\/board\n +remote: https:\/\/\*\*\*@host\/run\/1\n\n/);
    expect(text.slice(text.indexOf("stopped")).split("\n")).toEqual([
      expect.stringMatching(/^stopped contract after \S+ [µm]?s: enough$/),
      "  trained     3 epochs, 375 steps",
      "  best        val/loss 0.1235 in epoch 2",
      "  checkpoint  /runs/digits/checkpoints/epoch-2-step-375",
      "              of epoch 3, step 375",
      "  not logged  1 checkpoint could not be saved; check the others: npx trainscope verify /runs/digits/checkpoints",
      "  to view     tensorboard --logdir '/my runs'",
      "              https://***@host/run/1",
      "  directory   /runs/digits",
      "",
    ]);
  });

  test("says what was lost, also by a backend that fails as it is closed", async () => {
    const failing = {
      name: "failing",
      logMetrics() {},
      close: () => [{ backend: "failing", delivered: 0, pending: 0, refused: 0, dropped: 12, error: "disk full" }],
    };
    const { text, reports } = await shown([failing], (logger) => logger.logMetrics({ "bad!": 1 }, 1));
    expect(text).toContain("  not logged  failing: 12 records: disk full\n");
    expect(text).toContain("              1 record that was not valid: see the warnings\n");
    expect(reports.map(({ backend }) => backend)).toEqual(["console", "failing"]);
  });

  test("what a backend has no method for is no failure", async () => {
    const image = { height: 1, width: 1, channels: 1, data: new Uint8Array(1) } as const;
    const { text, reports } = await shown([{ name: "csv", logMetrics() {} }], (logger) => logger.logImage("a", image, 1));
    expect(text).not.toContain("csv: ");
    expect(reports[1]).toMatchObject({ backend: "csv", dropped: 2, unsupported: 2 }); // the other is the event that a run has ended
  });

  test("says once what went wrong, and how to go on", async () => {
    const failed = await shown([], () => {}, { status: "failed", reason: "ERR_STEP at step 3\nThe model threw: a\nb" });
    expect(failed.text).toMatch(/\nfailed contract after [^\n]*: ERR_STEP at step 3\n {2}trained/);
    const interrupted = await shown([], () => {}, { status: "interrupted" });
    expect(interrupted.text).toContain('\n  to resume   runName: "contract", resume: "auto"\n');
    expect((await shown([], () => {}, { status: "interrupted", checkpoint: null })).text).not.toContain("to resume");
  });

  test("shows final values of others, not those of the trainer, and few of many", async () => {
    const own = { "final/total_steps": 3, "final/train_loss": 1, "final/val_a/loss": 1, "final/best_val_loss": 1 };
    const { text } = await shown([], (logger) => logger.logMetrics({ ...own, "final/test_loss": 0.25 }, 3));
    expect(text).toContain("  final       test loss 0.25\n  checkpoint");
    const many = Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`final/test_${i}`, i]));
    const { text: long } = await shown([], (logger) => logger.logMetrics(many, 3));
    expect(long).toContain("test 9 9\n              and 290 more values\n");
  });

  test("runs on one stream are set apart by one empty line", async () => {
    let text = "";
    const stream = { write: (chunk: string, done?: () => void) => ((text += chunk), done?.()), columns: 200 };
    for (let i = 0; i < 2; i++) {
      const logger = new ConsoleBackend({ stream });
      logger.start(testRun("/runs/digits"));
      await logger.close("completed");
    }
    const start = "run contract\n  length      3 epochs\n  directory   /runs/digits\n\n";
    const end = /completed contract after \S+ [µm]?s\n {2}directory {3}\/runs\/digits\n/.source;
    expect(text).toMatch(new RegExp(`^${start}${end}\n${start}${end}$`));
  });

  test("an event of the name by a user is one like any other", async () => {
    const { text } = await shown([], (logger) => logger.logEvent("runEnd", { message: "mine" }, 3));
    expect(text).toContain("step 3  runEnd: mine\n");
  });
});
