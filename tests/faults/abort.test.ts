import { beforeAll, expect, test } from "vitest";
import { start, type ChildEnd } from "./child.js";
import { caseIn, expectCleanExit, expectFailure } from "./expectations.js";

let end: ChildEnd;
let secondFit: Record<string, unknown>;
beforeAll(async () => {
  const child = start("abort.ts");
  secondFit = await child.says("second fit");
  end = await child.end;
});

test("the process ends by itself, and nothing was left unhandled", () => expectCleanExit(end));

test.each([
  { name: "before", reason: "not today", steps: 0, epochs: 0 },
  { name: "during, undefined", reason: "This operation was aborted", steps: 4, epochs: 1 },
  { name: "during, plain text", reason: "aborted: plain text", steps: 4, epochs: 1 },
  { name: "during, RangeError: enough", reason: "enough", steps: 4, epochs: 1 },
  {
    name: "from a timer",
    reason: "This operation was aborted",
    steps: expect.any(Number) as number,
    epochs: expect.any(Number) as number,
  },
  { name: "in validation", reason: "enough", steps: 3, epochs: 0 },
  { name: "a step that gives up with the signal's reason", reason: "enough", steps: 0, epochs: 0 },
  { name: "a step that gives up with an AbortError", reason: "enough", steps: 0, epochs: 0 },
])("aborted: $name", ({ name, reason, steps, epochs }) => {
  const report = caseIn(end, name);
  expect(report.error).toBeNull();
  expect(report.result).toMatchObject({ status: "interrupted", reason, steps, epochs });
  expect(report.summary).toMatchObject({ status: "interrupted", reason, error: null });
  expect(report.hookCalls.slice(-2)).toEqual(["onStop", "onTrainEnd"]);
  expect(report.onTrainEnd).toEqual(["interrupted"]);
  expect(report.closed).toEqual(["interrupted"]);
  expect(report.extra["left"]).toBe(0);
});

test("a validation that was cut short publishes nothing", () => {
  const { hookCalls, result } = caseIn(end, "in validation");
  expect(hookCalls).not.toContain("onValidationEnd");
  expect(result?.metrics).not.toHaveProperty("val/loss");
});

test("a step that breaks while it gives up is a failure", () => {
  const report = caseIn(end, "a step that gives up with another error");
  expectFailure(report, {
    code: "ERR_STEP",
    path: 'model.trainStep, step 1, loader "counted"',
    message: "broke while giving up",
    cause: "RangeError: broke while giving up",
  });
});

test("an abort after the end does nothing", () => {
  expect(caseIn(end, "after")).toMatchObject({ result: { status: "completed", steps: 6 }, extra: { left: 0 } });
});

test("a second fit is refused, during and after the first, which does not notice", () => {
  const refused = { code: "ERR_ALREADY_FIT", message: expect.stringContaining("Make a new GenericTrainer") as string };
  expect(secondFit).toMatchObject({ status: "completed", steps: 9, stepsNow: 9, meanwhile: refused, afterwards: refused });
});
