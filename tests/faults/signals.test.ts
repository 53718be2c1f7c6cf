import { expect, test, type TestContext } from "vitest";
import { start, type ChildEnd } from "./child.js";
import { caseIn, expectCleanExit } from "./expectations.js";
import type { CaseReport } from "./programs/report.js";

/** For machines that do ten other things too: only what hangs takes longer. The measured value is in the test's annotation. */
const SOON_MS = 30_000;

async function note({ annotate }: TestContext, message: string): Promise<void> {
  await annotate(message);
}

test.for(["sync", "async"].flatMap((kind) => (["SIGINT", "SIGTERM"] as const).map((signal) => ({ kind, signal }))))(
  "$signal ends an endless $kind run, beside which timers fire",
  async ({ kind, signal }, context) => {
    const child = start("alive.ts", [kind]);
    await child.says("ready");
    const sentAtMs = Date.now();
    child.process.kill(signal);
    const end = await child.end;
    expectCleanExit(end);
    const { result, summary, hookCalls, onTrainEnd, closed, extra, listeners } = caseIn(end, "alive");
    expect(result).toMatchObject({ status: "interrupted", reason: signal });
    expect(summary).toMatchObject({ status: "interrupted", reason: signal, error: null, steps: result?.steps });
    expect(hookCalls.slice(-2)).toEqual(["onStop", "onTrainEnd"]);
    expect({ onTrainEnd, closed }).toEqual({ onTrainEnd: ["interrupted"], closed: ["interrupted"] });
    // The user's own listener was called too, and ours stood beside it.
    const heardAtMs = extra["heardAtMs"] as number;
    const endedAtMs = extra["endedAtMs"] as number;
    expect(listeners).toMatchObject({ before: 2, during: 4, after: 2 });
    expect(extra["stepsAtFirstTick"]).toBeLessThan(result?.steps ?? 0);
    expect(heardAtMs - sentAtMs).toBeLessThan(SOON_MS);
    expect(endedAtMs - heardAtMs).toBeLessThan(SOON_MS);
    await note(
      context,
      `${kind}, ${signal}: heard after ${heardAtMs - sentAtMs} ms, ended ${endedAtMs - sentAtMs} ms after it was sent`,
    );
  },
);

async function abandon(args: readonly string[]): Promise<{ end: ChildEnd; scalars: Record<string, unknown> }> {
  const child = start("abandon.ts", args);
  await child.says("hanging");
  child.process.kill("SIGINT");
  await child.says("hanging at the end");
  child.process.kill("SIGINT");
  const end = await child.end;
  return { end, scalars: await child.says("scalars") };
}

/** Everything ran that could run, and nothing of the run continues when what hung returns. */
function expectAbandoned(report: CaseReport): void {
  const { name, result, summary, onTrainEnd, closed, lateSteps, lateHookCalls } = report;
  expect({ name, status: result?.status, reason: result?.reason }).toEqual({ name, status: "interrupted", reason: "SIGINT" });
  expect(summary).toMatchObject({ status: "interrupted", error: null });
  expect({ name, onTrainEnd, closed, lateSteps, lateHookCalls }).toEqual({
    name,
    onTrainEnd: ["interrupted"],
    closed: ["interrupted"],
    lateSteps: 0,
    lateHookCalls: [],
  });
}

test("a second signal ends runs that hang, wherever they hang", async (context) => {
  const { end, scalars } = await abandon([]);
  expectCleanExit(end, { concurrent: true });
  expect([...end.cases.keys()].sort()).toEqual([
    "close",
    "evalStep",
    "loader",
    "loader.first",
    "onStop",
    "onTrainBatchEnd",
    "onTrainBatchStart",
    "onTrainEnd",
    "onTrainStart",
    "start",
    "step",
  ]);
  for (const report of end.cases.values()) expectAbandoned(report);
  const tookMs = Object.fromEntries([...end.cases.values()].map(({ name, extra }) => [name, extra["tookMs"] as number]));
  for (const [name, ms] of Object.entries(tookMs)) expect({ name, inTime: ms < 2000 + SOON_MS }).toEqual({ name, inTime: true });
  // A hook that hangs keeps neither the next hook from being called nor the backends from being closed.
  expect(caseIn(end, "onTrainEnd").extra["ended"]).toEqual(["slow", "other"]);
  expect(caseIn(end, "onTrainEnd").delivery.filter(({ error }) => error !== undefined)).toEqual([]);
  expect(caseIn(end, "close").delivery.find(({ backend }) => backend === "slow")?.error).toContain("did not close");
  expect(scalars["disposals"]).toBe(scalars["made"]);
  await note(context, `ended after ms: ${JSON.stringify(tookMs)}`);
});

test("a second signal abandons a hanging step, alone in its process", async () => {
  const { end } = await abandon(["step"]);
  expectCleanExit(end);
  expectAbandoned(caseIn(end, "step"));
  expect(caseIn(end, "step")).toMatchObject({ result: { steps: 1 }, extra: { signals: 2 } });
});

test("after the second signal the handlers are gone: a third one kills", async () => {
  const child = start("stuck.ts");
  await child.says("hanging");
  child.process.kill("SIGINT");
  await new Promise((resolve) => setTimeout(resolve, 200));
  child.process.kill("SIGINT");
  await child.says("case"); // by now the run has ended, and a timer of the program's own keeps it alive
  child.process.kill("SIGINT");
  const end = await child.end;
  expect({ code: end.code, signal: end.signal }).toEqual({ code: null, signal: "SIGINT" });
  expect(caseIn(end, "stuck")).toMatchObject({
    result: { status: "completed" },
    closed: ["completed"],
    listeners: { before: 0, after: 0 },
  });
});
