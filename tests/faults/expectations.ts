/** What every run that ends must show, however it ended. */
import { expect } from "vitest";
import type { ChildEnd } from "./child.js";
import type { CaseReport } from "./programs/report.js";

/** One case of a program; an error that shows what the program said instead. */
export function caseIn(end: ChildEnd, name: string): CaseReport {
  const found = end.cases.get(name);
  if (found === undefined) throw new Error(`no case "${name}", only ${[...end.cases.keys()].join(", ")}:\n${end.stderr}`);
  return found;
}

/** `concurrent`: the runs shared the process, so that its listeners are counted only at its end. */
export function expectCleanExit(end: ChildEnd, { concurrent = false }: { concurrent?: boolean } = {}): void {
  expect({ code: end.code, signal: end.signal, stderr: end.stderr }).toEqual({ code: 0, signal: null, stderr: "" });
  expect(end.exit).toMatchObject({ code: 0, unhandledRejections: [], uncaughtExceptions: [], listeners: 0 });
  expect(end.cases.size).toBeGreaterThan(0);
  for (const report of end.cases.values())
    expectTidy(concurrent ? { ...report, listeners: { before: 0, during: 0, after: 0 } } : report);
}

/** The handlers are as before, every iterator that was begun is left, and nothing continues behind the caller's back. */
function expectTidy(report: CaseReport): void {
  const { name, listeners, loader, lateSteps, lateHookCalls } = report;
  expect({ name, listeners: listeners.after, left: loader.left, lateSteps, lateHookCalls }).toEqual({
    name,
    listeners: listeners.before,
    left: loader.begun,
    lateSteps: 0,
    lateHookCalls: [],
  });
}

export interface ExpectedFailure {
  code: string;
  path: string | null;
  /** A part of the message. */
  message: string;
  cause: string | null;
}

/** The error names its place and its cause and carries the result; `onTrainEnd` and `close` ran; `summary.json` says the same. */
export function expectFailure(report: CaseReport, expected: ExpectedFailure): void {
  const { code, path, message, cause } = expected;
  expect(report.result).toBeNull();
  expect(report.error).toMatchObject({ isTrainscopeError: true, code, path, cause: cause === null ? null : { text: cause } });
  expect(report.error?.message).toContain(message);
  expect(report.error?.result).toMatchObject({ status: "failed", reason: report.error?.message });
  expect(report.onTrainEnd).toHaveLength(1);
  expect(report.closed).toEqual(["failed"]);
  const { status, steps, epochs, reason } = report.error?.result ?? {};
  const causeText = cause === null ? null : cause.replace(/^\w*Error: /, "");
  expect(report.summary).toMatchObject({
    status,
    steps,
    epochs,
    reason,
    error: { code, path, message: report.error?.message, cause: causeText },
  });
}
