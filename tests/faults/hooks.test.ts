import { beforeAll, expect, test } from "vitest";
import { HOOK_METHODS } from "../../src/hooks/hook-methods.js";
import { run, type ChildEnd } from "./child.js";
import type { CaseReport } from "./programs/report.js";
import { caseIn, expectCleanExit, expectFailure } from "./expectations.js";

let end: ChildEnd;
beforeAll(async () => {
  end = await run("hooks.ts");
});

const the = (name: string): CaseReport => caseIn(end, name);

test("the process ends by itself, and nothing was left unhandled", () => expectCleanExit(end));

/** Not called in a run with this fault, or its error is not the first one. */
const OTHERWISE = new Set(["onCheckpointSaved", "onException"]);
const FAULTS = ["throw", "reject"] as const;

test.each(
  HOOK_METHODS.filter((method) => !OTHERWISE.has(method)).flatMap((method) => FAULTS.map((fault) => ({ method, fault }))),
)("a hook whose $method does $fault", ({ method, fault }) => {
  const report = the(`${method} ${fault}`);
  expectFailure(report, {
    code: "ERR_HOOK",
    path: `hook faulty, ${method}`,
    message: `${method} broke`,
    cause: `RangeError: ${method} broke`,
  });
  expect(report.error?.causeIsOriginal).toBe(true);
  // onTrainEnd was called with the status before the fault was known.
  expect(report.onTrainEnd).toEqual([method === "onTrainEnd" ? "completed" : "failed"]);
  const after = method === "onTrainEnd" ? ["onTrainEnd"] : ["onException", "onTrainEnd"];
  expect(report.hookCalls.slice(-after.length)).toEqual(after);
  // The dispatch ends with the fault: that method is not called on the hook behind. At the end every hook is called.
  if (method !== "onTrainEnd") expect(report.hookCalls).not.toContain(method);
});

test.each(FAULTS)("a hook whose onException does %s does not hide the first error", (fault) => {
  const report = the(`onException ${fault}`);
  expectFailure(report, {
    code: "ERR_STEP",
    path: 'model.trainStep, step 1, loader "counted"',
    message: "the step broke",
    cause: "RangeError: the step broke",
  });
  expect(report.hookCalls.slice(-2)).toEqual(["onException", "onTrainEnd"]);
  expect(report.events.filter(({ name }) => name === "error").map(({ message }) => message)).toEqual([
    expect.stringContaining("the step broke"),
    expect.stringContaining("onException broke"),
  ]);
});

test.each(FAULTS)("a method that is never called does no harm (onCheckpointSaved, %s)", (fault) => {
  expect(the(`onCheckpointSaved ${fault}`).result).toMatchObject({ status: "completed", epochs: 2, steps: 6 });
});

test.each(
  [
    { what: "text", cause: { isError: false, text: "just text" }, message: "just text" },
    { what: "undefined", cause: null, message: "undefined" },
    { what: "null", cause: { isError: false, text: "null" }, message: "null" },
    { what: "number", cause: { isError: false, text: "42" }, message: "42" },
    { what: "object", cause: { isError: false, text: '{"broken":true}' }, message: "" },
    { what: "symbol", cause: { isError: false, text: "Symbol(broken)" }, message: "Symbol(broken)" },
    { what: "frozen", cause: { isError: true, text: "RangeError: frozen" }, message: "frozen" },
  ].flatMap((row) => FAULTS.map((fault) => ({ ...row, fault }))),
)("a hook that does $fault with $what", ({ what, fault, cause, message }) => {
  const report = the(`odd ${what} ${fault}`);
  expect(report.error).toMatchObject({
    isTrainscopeError: true,
    code: "ERR_HOOK",
    path: "hook faulty, onTrainBatchEnd",
    cause,
    causeIsOriginal: true,
  });
  expect(report.error?.message).toContain(`It threw: ${message}`);
  expect(report.error?.result).toMatchObject({ status: "failed", steps: 1 });
  expect(report.summary).toMatchObject({ status: "failed", error: { code: "ERR_HOOK" } });
  expect(report.closed).toEqual(["failed"]);
});

test("of several faults the first is thrown, and the others are logged", () => {
  const report = the("two faults");
  expectFailure(report, { code: "ERR_HOOK", path: "hook one, onTrainBatchEnd", message: "first", cause: "first" });
  expect(report.events.filter(({ name }) => name === "error").map(({ message }) => message)).toEqual([
    expect.stringContaining("first"),
    expect.stringContaining("hook two, onException"),
    expect.stringContaining("hook one, onTrainEnd"),
  ]);
});
