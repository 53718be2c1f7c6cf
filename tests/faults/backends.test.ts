import { beforeAll, describe, expect, test } from "vitest";
import { run, type ChildEnd } from "./child.js";
import { caseIn, expectCleanExit, expectFailure } from "./expectations.js";
import type { CaseReport } from "./programs/report.js";

let end: ChildEnd;
beforeAll(async () => {
  end = await run("backends.ts");
});

const the = (name: string): CaseReport => caseIn(end, name);
const METHODS = [
  ...[
    "start",
    "logParams",
    "logMetrics",
    "logHistogram",
    "logImage",
    "logText",
    "logScatter",
    "logGraph",
    "logArtifact",
    "logEvent",
    "setTags",
    "setNotes",
  ],
  ...["flush", "close"],
];

test("the process ends by itself, and nothing was left unhandled", () => expectCleanExit(end, { concurrent: true }));

describe.each(METHODS)("a backend whose %s", (method) => {
  test.each(["throw", "reject", "hang"])("does %s", (fault) => {
    const report = the(`${method} ${fault}`);
    expect(report.result).toMatchObject({ status: "completed", epochs: 2, steps: 6 });
    expect(report.onTrainEnd).toEqual(["completed"]);
    expect(report.summary).toMatchObject({ status: "completed", error: null });
    // The backends beside it got everything, and were closed.
    const recorder = report.delivery.find(({ backend }) => backend === "recorder");
    expect(recorder).toMatchObject({ pending: 0 });
    expect(recorder).not.toHaveProperty("error");
    expect(report.closed).toEqual(["completed"]);
    expectReportedOnce(report, method, fault);
  });
});

/** The failure is reported once, by its event and in the delivery report; nothing that got lost is left out of the sum. */
function expectReportedOnce(report: CaseReport, method: string, fault: string): void {
  const bad = report.delivery.find(({ backend }) => backend === "bad");
  const recorder = report.delivery.find(({ backend }) => backend === "recorder");
  expect(bad?.error).toContain(fault === "hang" ? "did not" : `${method} broke`);
  const sum = (of: typeof bad): number => (of?.delivered ?? 0) + (of?.dropped ?? 0) + (of?.pending ?? 0);
  expect(sum(bad)).toBe(sum(recorder));
  const failures = report.extra["failures"] as { backend: string; operation: string; message: string }[];
  expect(failures.map(({ backend }) => backend)).toEqual(["bad"]);
  if (fault !== "hang") expect(failures[0]).toMatchObject({ operation: method, message: `RangeError: ${method} broke` });
  expect(report.extra["calls"]).toMatchObject({ close: 1 });
}

test("a backend that throws in every method", () => {
  const report = the("every method throws");
  expect(report.result).toMatchObject({ status: "completed", steps: 6 });
  expect(report.delivery.find(({ backend }) => backend === "bad")).toMatchObject({
    delivered: 0,
    error: expect.stringContaining("broke"),
  });
  expect(report.closed).toEqual(["completed"]);
});

test.each(["throw", "reject"])("a definite refusal ends the run before the first step: %s", (fault) => {
  const report = the(`refusal ${fault}`);
  expectFailure(report, { code: "ERR_BACKEND_REFUSED", path: null, message: "401: the key is wrong", cause: null });
  expect(report.error?.result?.steps).toBe(0);
  expect(report.hookCalls).toEqual(["onException", "onTrainEnd"]);
});

test.each([
  { when: "start", steps: 0, requestedAt: 0 },
  { when: "step", steps: 2, requestedAt: 2 },
])("a backend requests a stop at $when", ({ when, steps, requestedAt }) => {
  const report = the(`stop from a backend at ${when}`);
  expect(report.result).toMatchObject({ status: "stopped", reason: "stopped from the page", steps });
  expect(report.hookCalls.slice(-2)).toEqual(["onStop", "onTrainEnd"]);
  expect(report.extra["stops"]).toContainEqual({ reason: "stopped from the page", step: requestedAt });
});
