import { expect, test } from "vitest";
import { testRun } from "../../../tests/contract/logger.js";
import { MemoryBackend } from "../../../tests/support/memory-backend.js";
import { CompositeLogger } from "./composite-logger.js";
import { PrimaryOnlyBackend } from "./primary-only.js";

test("on another rank text and events are kept, everything else is dropped and counted", async () => {
  const started: number[] = [];
  const memory = Object.assign(new MemoryBackend("training-log"), {
    start: (run: { rank: number }) => void started.push(run.rank),
    logParams: () => {
      throw new Error("params must not get here");
    },
  });
  const seen: string[] = [];
  const logger = new CompositeLogger([new PrimaryOnlyBackend(memory)], {
    onMetrics: (metrics) => seen.push(...Object.keys(metrics)),
  });
  await logger.start(testRun("/tmp/x", { rank: 2, worldSize: 4 }), { requestStop() {} });
  logger.logMetrics({ a: 1, b: 2 }, 1);
  logger.logParams({ a: 1 });
  logger.setTags({ a: "b" });
  logger.logHistogram("h", new Float32Array(2), 1);
  logger.logScatter("s", new Float32Array(2), new Float32Array(2), 1);
  logger.logImage("i", { width: 1, height: 1, channels: 1, data: new Uint8Array(1) }, 1);
  logger.logGraph({ layers: [] });
  logger.logArtifact({ name: "a", path: "/a" });
  logger.logText("note", "kept", 1);
  logger.logText("note", "kept too", 2);
  expect(started).toEqual([2]);
  expect(seen).toEqual(["a", "b"]);
  expect(memory.records).toEqual([
    { kind: "text", name: "note", text: "kept", step: 1 },
    { kind: "text", name: "note", text: "kept too", step: 2 },
  ]);
  expect(await logger.close("completed")).toEqual([
    { backend: "training-log", delivered: 2, pending: 0, refused: 0, dropped: 9 },
  ]);
});
