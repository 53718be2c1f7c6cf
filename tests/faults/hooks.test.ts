import { beforeAll, expect, test } from "vitest";
import { HOOK_METHODS } from "../../src/hooks/hook-manager.js";
import { run, type ChildEnd } from "./child.js";
import type { CaseReport } from "./programs/report.js";
import { caseIn, expectCleanExit, expectFailure } from "./expectations.js";

let end: ChildEnd;
beforeAll(async () => {
  end = await run("hooks.ts");
}, 60_000);

const the = (name: string): CaseReport => caseIn(end, name);

test("the process ends by itself, and nothing was left unhandled", () => expectCleanExit(end));

/** A moment that comes only in a run without a fault of ours, or whose error is not the first one. */
const OTHERWISE = new Set(["onCheckpointSaved", "onException"]);
const FAULTS = ["throw", "reject"] as const;

test.each(HOOK_METHODS.filter((event) => !OTHERWISE.has(event)).flatMap((event) => FAULTS.map((fault) => ({ event, fault }))))(
  "a hook whose $event does $fault",
  ({ event, fault }) => {
    const report = the(`${event} ${fault}`);
    expectFailure(report, {
      code: "ERR_HOOK",
      path: `hook faulty, ${event}`,
      message: `${event} broke`,
      cause: `RangeError: ${event} broke`,
    });
    expect(report.error?.causeIsOriginal).toBe(true);
    // In onTrainEnd the status was told before the fault was known.
    expect(report.onTrainEnd).toEqual([event === "onTrainEnd" ? "completed" : "failed"]);
    const after = event === "onTrainEnd" ? ["onTrainEnd"] : ["onException", "onTrainEnd"];
    expect(report.moments.slice(-after.length)).toEqual(after);
    // The dispatch ends with the fault: the hook behind never saw that moment. At the end every hook is told.
    if (event !== "onTrainEnd") expect(report.moments).not.toContain(event);
  },
);

test.each(FAULTS)("a hook whose onException does %s does not hide the first error", (fault) => {
  const report = the(`onException ${fault}`);
  expectFailure(report, {
    code: "ERR_STEP",
    path: 'model.trainStep, step 1, loader "counted"',
    message: "the step broke",
    cause: "RangeError: the step broke",
  });
  expect(report.moments.slice(-2)).toEqual(["onException", "onTrainEnd"]);
  expect(report.events.filter(({ name }) => name === "error").map(({ message }) => message)).toEqual([
    expect.stringContaining("the step broke"),
    expect.stringContaining("onException broke"),
  ]);
});

test.each(FAULTS)("a moment that never comes harms nobody (onCheckpointSaved, %s)", (fault) => {
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
