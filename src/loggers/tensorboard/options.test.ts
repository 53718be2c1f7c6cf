import { describe, expect, test } from "vitest";
import { parseConfig } from "../../config/problems.js";
import { TensorBoardBackend } from "./backend.js";
import { SummaryWriterOptions, TensorBoardBackendOptions } from "./options.js";
import { SummaryWriter } from "./summary-writer.js";

test("what is left out has its default", () => {
  expect(parseConfig(SummaryWriterOptions, undefined)).toEqual({ flushIntervalMs: 500, maxQueueBytes: 16 * 1024 * 1024 });
  expect(parseConfig(TensorBoardBackendOptions, {})).toEqual({
    layout: "one",
    kerasGraph: false,
    flushIntervalMs: 500,
    maxQueueBytes: 16 * 1024 * 1024,
  });
});

describe.each([
  { name: "SummaryWriter", open: (options: object) => new SummaryWriter("not-opened", options) },
  { name: "TensorBoardBackend", open: (options: object) => new TensorBoardBackend(options) },
])("$name", ({ name, open }) => {
  test.each([
    {
      options: { flushInterval: 5 },
      key: "flushInterval",
      message: 'There is no key "flushInterval" here.\n  Nearest: "flushIntervalMs"',
    },
    { options: { flushIntervalMs: -1 }, key: "flushIntervalMs", message: "Found -1. Allowed: an integer of at least 0" },
    { options: { flushIntervalMs: 2 ** 31 }, key: "flushIntervalMs", message: "at most 2147483647" },
    { options: { maxQueueBytes: "16 MB" }, key: "maxQueueBytes", message: 'Found "16 MB". Allowed: an integer' },
    { options: { onError: true }, key: "onError", message: "Found true. Allowed: a function" },
  ])("refuses $options", ({ options, key, message }) => {
    const error = expect.objectContaining({ code: "ERR_CONFIG", message: expect.stringContaining(message) as string }) as Error;
    expect(() => open(options)).toThrow(error);
    expect(() => open(options)).toThrow(`at ${name}.${key}`);
  });
});

test.each([
  { options: { layout: "splits" }, message: 'Allowed: "one", "phases", "loaders"' },
  { options: { resumeStep: 3 }, message: 'There is no key "resumeStep" here.' },
  { options: { dir: "" }, message: "Allowed: a string that is not empty" },
])("a backend refuses $options", ({ options, message }) => {
  expect(() => new TensorBoardBackend(options as never)).toThrow(message);
});

test("the seam of tests is in no list of available keys", () => {
  expect(() => new SummaryWriter("not-opened", { file: 1 } as never)).toThrow(
    /Available: flushIntervalMs, maxQueueBytes, resumeStep, onError\./,
  );
});
