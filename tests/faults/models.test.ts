import { beforeAll, expect, test } from "vitest";
import { run, type ChildEnd } from "./child.js";
import { caseIn, expectCleanExit, expectFailure } from "./expectations.js";
import type { CaseReport } from "./programs/report.js";

let end: ChildEnd;
beforeAll(async () => {
  end = await run("models.ts");
});

const the = (name: string): CaseReport => caseIn(end, name);
const FAULTS = ["throw", "reject"] as const;
const CAUSE = "RangeError: it broke";

test("the process ends by itself, and nothing was left unhandled", () => expectCleanExit(end));

test.each(
  [
    { where: "trainStep", path: 'model.trainStep, step 5, loader "counted"', steps: 4, firstHookCall: "onTrainStart" },
    { where: "evalStep", path: 'model.evalStep, after step 3, loader "default"', steps: 3, firstHookCall: "onTrainStart" },
    { where: "sanity evalStep", path: 'model.evalStep, after step 0, loader "default"', steps: 0, firstHookCall: "onException" },
  ].flatMap((row) => FAULTS.map((fault) => ({ ...row, fault }))),
)("$where: $fault", ({ where, fault, path, steps, firstHookCall }) => {
  const report = the(`${where} ${fault}`);
  expectFailure(report, { code: "ERR_STEP", path, message: "it broke", cause: CAUSE });
  expect(report.error?.causeIsOriginal).toBe(true);
  expect(report.error?.result).toMatchObject({ steps });
  expect(report.hookCalls[0]).toBe(firstHookCall);
  expect(report.hookCalls.slice(-2)).toEqual(["onException", "onTrainEnd"]);
});

test.each(FAULTS)("a step that throws null: %s", (fault) => {
  const report = the(`odd trainStep ${fault}`);
  expectFailure(report, {
    code: "ERR_STEP",
    path: 'model.trainStep, step 1, loader "counted"',
    message: "The model threw: null",
    cause: "null",
  });
  expect(report.error?.causeIsOriginal).toBe(true);
});

/** Before anything is opened there is nothing to close, and no result. */
test.each(
  [
    { where: "prepare", code: "ERR_MODEL", path: "model.prepare" },
    { where: "probed evalStep", code: "ERR_STEP", path: "model.evalStep" },
  ].flatMap((row) => FAULTS.map((fault) => ({ ...row, fault }))),
)("$where: $fault", ({ where, fault, code, path }) => {
  const report = the(`${where} ${fault}`);
  expect(report.error).toMatchObject({
    isTrainscopeError: true,
    code,
    path,
    cause: { text: CAUSE },
    causeIsOriginal: true,
    result: null,
  });
  expect(report).toMatchObject({ hookCalls: [], closed: [], summary: null });
});

test.each([
  { what: "nothing", says: "returned undefined" },
  { what: "number", says: "returned 0.5" },
  { what: "no loss", says: "there is no loss" },
  { what: "text as loss", says: 'loss is "0.5"' },
  { what: "no batch size", says: "batchSize is undefined" },
  { what: "negative batch size", says: "batchSize is -1" },
])("a step result with $what is refused", ({ what, says }) => {
  expectFailure(the(`result ${what}`), { code: "ERR_STEP_RESULT", path: "step 1, loader counted", message: says, cause: null });
});

test("a metric name that backends refuse", () => {
  expectFailure(the("result odd metric name"), { code: "ERR_METRIC_NAME", path: null, message: '"a//b"', cause: null });
});

test.each(["read throws", "read rejects", "step throws", "hook throws", "nothing breaks"])(
  "every deferred scalar is disposed once: %s",
  (what) => {
    const { extra } = the(`scalars: ${what}`);
    expect(extra["made"]).toBeGreaterThan(0);
    expect(extra["disposals"]).toBe(extra["made"]);
  },
);

const LOADER_FAULTS = [
  { what: "batches throws", code: "ERR_LOADER", message: 'Loader "bad" threw in pass 0 at batch 0: it broke', cause: CAUSE },
  { what: "batches returns a promise", code: "ERR_LOADER", message: "a promise", cause: null },
  { what: "batches returns nothing", code: "ERR_LOADER", message: "undefined", cause: null },
  { what: "next throws", code: "ERR_LOADER", message: 'Loader "bad" threw in pass 0 at batch 1: it broke', cause: CAUSE },
  { what: "next rejects", code: "ERR_LOADER", message: 'Loader "bad" threw in pass 0 at batch 1: it broke', cause: CAUSE },
  { what: "gives nothing", code: "ERR_LOADER_DATA", message: "gave no batch in pass 0", cause: null },
  { what: "seed throws", code: "ERR_LOADER", message: "it broke", cause: CAUSE },
];
test.each(LOADER_FAULTS.flatMap((row) => ["train", "validation"].map((role) => ({ ...row, role }))))(
  "a $role loader: $what",
  ({ role, what, code, message, cause }) => {
    expectFailure(the(`${role} loader ${what}`), { code, path: `${role}.bad`, message, cause });
  },
);

test.each(FAULTS)("a loader that cannot be left fails the run: %s", (fault) => {
  expectFailure(the(`train loader return ${fault}`), {
    code: "ERR_LOADER",
    path: "train.bad",
    message: "it broke",
    cause: CAUSE,
  });
});

test.each(FAULTS)("a loader that cannot be left does not hide the hook that threw before: %s", (fault) => {
  const report = the(`hook throws, then loader return ${fault}`);
  expectFailure(report, {
    code: "ERR_HOOK",
    path: "hook faulty, onTrainBatchEnd",
    message: "the hook broke",
    cause: "the hook broke",
  });
  expect(report.events.filter(({ name }) => name === "error").at(-1)?.message).toContain('Loader "bad"');
});
