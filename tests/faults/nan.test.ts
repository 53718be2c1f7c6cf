import { beforeAll, expect, test } from "vitest";
import { run, type ChildEnd } from "./child.js";
import { caseIn, expectCleanExit } from "./expectations.js";

let end: ChildEnd;
beforeAll(async () => {
  end = await run("nan.ts");
});

test("the process ends by itself, and nothing was left unhandled", () => expectCleanExit(end));

test("without the hook the run continues, and NaN is reported as NaN", () => {
  const report = caseIn(end, "continues");
  expect(report.result).toMatchObject({ status: "completed", steps: 8, metrics: { "train/loss": "NaN", "val/loss": "NaN" } });
  expect(report.summary).toMatchObject({ status: "completed", metrics: { "train/loss": "NaN", "val/loss": "NaN" } });
  expect(report.result?.best).not.toHaveProperty("train/loss");
});

test.each([
  { name: "ends at the boundary", value: "NaN" },
  { name: "infinite", value: "Infinity" },
])("$name: the hook ends the run, also before minEpochs, and says where", ({ name, value }) => {
  const report = caseIn(end, name);
  const reason = `terminateOnNaN: loss is ${value} at step 4 (loader "bad", batch 4)`;
  expect(report.result).toMatchObject({ status: "stopped", steps: 4, epochs: 0, reason });
  expect(report.summary).toMatchObject({ status: "stopped", reason, error: null });
  expect(report.hookCalls.slice(-2)).toEqual(["onStop", "onTrainEnd"]);
  expect(report.closed).toEqual(["stopped"]);
});

test("at every step, with the batch and the first bad gradient and parameter", () => {
  const report = caseIn(end, "ends at the step");
  expect(report.result).toMatchObject({ status: "stopped", steps: 4 });
  expect(report.result?.reason).toContain('first bad gradient "weights" (3 of 3 values); first bad parameter "weights"');
  expect(report.extra["files"]).toContain("nan-batch-step-4.json");
});

test("a NaN of the validation is no reason for the hook of train values", () => {
  expect(caseIn(end, "validation only").result).toMatchObject({ status: "completed", metrics: { "val/loss": "NaN" } });
});
