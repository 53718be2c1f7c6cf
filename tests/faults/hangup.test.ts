import { expect, test } from "vitest";
import { start } from "./child.js";
import { caseIn, expectCleanExit } from "./expectations.js";

test("SIGHUP, twice as a closed terminal sends it, ends a run with its last checkpoint and its summary", async () => {
  const child = start("hangup.ts");
  await child.says("ready");
  child.process.kill("SIGHUP");
  child.process.kill("SIGHUP");
  const end = await child.end;
  expectCleanExit(end);
  const { result, summary, extra, onTrainEnd } = caseIn(end, "hangup");
  expect(result).toMatchObject({ status: "interrupted", reason: "SIGHUP" });
  expect(result?.checkpoint).toContain(`-step-${result?.steps}`);
  expect(summary).toMatchObject({ status: "interrupted", reason: "SIGHUP", checkpoint: result?.checkpoint });
  expect(onTrainEnd).toEqual(["interrupted"]);
  expect(extra["left"]).toBe(0);
});

test("a program that listens to SIGHUP itself keeps it: the run goes on", async () => {
  const child = start("hangup.ts", ["own"]);
  await child.says("ready");
  child.process.kill("SIGHUP");
  await child.says("heard");
  child.process.kill("SIGTERM");
  const end = await child.end;
  expectCleanExit(end);
  expect(caseIn(end, "hangup")).toMatchObject({
    result: { status: "interrupted", reason: "SIGTERM" },
    extra: { heard: 1, left: 1 },
  });
});
