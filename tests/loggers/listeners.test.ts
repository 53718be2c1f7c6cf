import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { CompositeLogger } from "../../src/loggers/composite/composite-logger.js";
import { RotatingFile, TrainingLogBackend, TrainingLogger } from "../../src/loggers/training-log/index.js";
import { MetricsManager } from "../../src/metrics/index.js";
import { faultFs, ioError } from "./fault-fs.js";

let dir = "";
beforeAll(() => void (dir = mkdtempSync(join(tmpdir(), "trainscope-listeners-"))));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

type Listen = () => unknown;

/** Each option that takes a listener, and what makes it be called. */
const CALLS: Record<string, (listen: Listen) => unknown> = {
  "RotatingFile.onError": (onError) => failing((fs) => new RotatingFile({ dir, fs, onError }).append("a\n", true)),
  "TrainingLogger.onError": (onError) => failing((fs) => new TrainingLogger({ dir, fs, onError }).error("a")),
  "TrainingLogBackend.onError": (onError) => failing((fs) => new TrainingLogBackend({ dir, fs, onError }).logText("a", "b", 1)),
  "CompositeLogger.onBackendFailed": (onBackendFailed) =>
    new CompositeLogger([{ name: "broken", logMetrics: () => Promise.reject(new Error("broken")) as never }], {
      onBackendFailed,
    }).logMetrics({ a: 1 }, 1),
  "CompositeLogger.onPointRefused": (onPointRefused) => new CompositeLogger([], { onPointRefused }).logMetrics({ "a%": 1 }, 1),
  "CompositeLogger.onMetrics": (onMetrics) => new CompositeLogger([], { onMetrics }).logMetrics({ a: 1 }, 1),
  "MetricsManager.onWarning": (onWarning) => {
    const metrics = Object.fromEntries(Array.from({ length: 10_001 }, (_, i) => [`m${i}`, i]));
    void new MetricsManager({ loaders: ["default"], onWarning }).update(0, { loss: 1, batchSize: 1, metrics }, 1, 1);
  },
};

function failing(use: (fs: ReturnType<typeof faultFs>["fs"]) => void): void {
  const { fs, faults } = faultFs();
  faults.write = ioError("EIO");
  use(fs);
}

// A rejection that nobody handles fails the test run.
describe.each([
  { how: "throws", fail: (): never => { throw new TypeError("in the listener"); } }, // prettier-ignore
  { how: "rejects", fail: (): Promise<never> => Promise.reject(new TypeError("in the listener")) },
])("a listener that $how harms nobody", ({ fail }) => {
  test.each(Object.keys(CALLS))("%s", async (name) => {
    let calls = 0;
    const listen = (): unknown => {
      calls++;
      return fail();
    };
    expect(() => CALLS[name]?.(listen)).not.toThrow();
    await new Promise((resolve) => setImmediate(resolve));
    expect(calls).toBe(1);
  });
});
