import { beforeAll, expect, test } from "vitest";
import { start, type ChildEnd } from "./child.js";
import { caseIn, expectCleanExit } from "./expectations.js";

let end: ChildEnd;
beforeAll(async () => {
  end = await start("directories.ts").end;
});

test("the process ends by itself, and nothing was left unhandled", () => expectCleanExit(end));

test.each([
  { name: "taken", code: "ERR_RUN_EXISTS", path: "runName", says: "choose another runName" },
  { name: "in a file", code: "ERR_RUN_DIR", path: "runsDir", says: "ENOTDIR" },
])("$name: refused before anything is opened", ({ name, code, path, says }) => {
  const report = caseIn(end, name);
  expect(report.error).toMatchObject({ isTrainscopeError: true, code, path, result: null });
  expect(report.error?.message).toContain(says);
  expect(report).toMatchObject({ hookCalls: [], closed: [], summary: null });
});

test("a directory that disappears costs the summary, not the result", () => {
  const report = caseIn(end, "gone");
  expect(report.error).toMatchObject({
    code: "ERR_RUN_DIR",
    path: "runsDir",
    cause: { text: expect.stringContaining("ENOENT") },
  });
  expect(report.error?.result).toMatchObject({ status: "completed", steps: 6 });
  expect(report.closed).toEqual(["completed"]);
});

test("a directory that disappears does not hide what failed before", () => {
  const { error, closed } = caseIn(end, "gone and failed");
  expect(error).toMatchObject({
    code: "ERR_HOOK",
    path: "hook faulty, onEpochEnd",
    cause: { text: "it broke" },
    result: { status: "failed" },
  });
  expect(closed).toEqual(["failed"]);
});

test("a training log that cannot be opened is a failed backend, not a failed run", () => {
  const report = caseIn(end, "no log");
  expect(report.result).toMatchObject({ status: "completed", steps: 6 });
  expect(report.delivery.find(({ backend }) => backend === "training-log")?.error).toMatch(
    /^logEvent: At .*no-log\/log: The training log in .*no-log\/log could not be opened: EEXIST/,
  );
  expect(report.summary).toMatchObject({ status: "completed" });
});

test("a summary that cannot be written costs the summary, not the result", () => {
  const report = caseIn(end, "summary in the way");
  expect(report.error).toMatchObject({ code: "ERR_RUN_DIR", cause: { text: expect.stringContaining("EISDIR") } });
  expect(report.error?.message).toContain("A directory has the name of the file. Delete or rename it");
  expect(report.error?.result).toMatchObject({ status: "completed", steps: 6 });
  expect(report.summary).toBeNull();
});
