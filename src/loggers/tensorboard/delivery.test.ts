import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Bounds } from "../../contract/index.js";
import type { TrainscopeError } from "../../support/errors.js";
import { DEFAULT_TIMEOUT_MS } from "../../support/bounded-wait.js";
import { closeOutputs, flushOutputs } from "./delivery.js";
import type { RunOutput } from "./run-output.js";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test.each([
  { name: "no bounds", bounds: undefined },
  { name: "no timeout", bounds: {} },
  { name: "an undefined timeout", bounds: { timeoutMs: undefined } },
])("a thread that hangs is waited for as long as the default where $name is given", async ({ bounds }) => {
  const hanging = { pending: 1, idle: () => new Promise<void>(() => {}) };
  for (const settle of [flushOutputs, closeOutputs]) {
    const calls: string[] = [];
    const output = { thread: hanging, isOpen: true, flush: () => calls.push("flush"), close: () => calls.push("close") };
    void settle([output as unknown as RunOutput], bounds);
    await vi.advanceTimersByTimeAsync(DEFAULT_TIMEOUT_MS - 1);
    expect(calls).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(calls).toHaveLength(1);
  }
});

test.each([
  { bounds: { timeout: 5 }, says: 'There is no key "timeout" here.\nNearest: "timeoutMs"' },
  { bounds: { timeoutMs: NaN }, says: "Found NaN. Allowed: milliseconds of at least 0, or Infinity" },
  { bounds: { timeoutMs: "5" }, says: 'Found "5"' },
  { bounds: { signal: true }, says: "Allowed: an AbortSignal" },
  { bounds: 5000, says: "Found 5000" },
  { bounds: null, says: "Found null" },
])("the bounds $bounds are reported, and the default holds", async ({ bounds, says }) => {
  for (const settle of [flushOutputs, closeOutputs]) {
    const calls: string[] = [];
    await afterMs(settle, bounds as never, calls, DEFAULT_TIMEOUT_MS - 1);
    expect(calls).toEqual([expect.stringContaining(says)]);
    await vi.advanceTimersByTimeAsync(1);
    expect(calls).toHaveLength(2);
  }
});

test("a wait without end is one", async () => {
  const calls: string[] = [];
  await afterMs(flushOutputs, { timeoutMs: Infinity }, calls, 3_600_000);
  expect(calls).toEqual([]);
});

async function afterMs(settle: typeof flushOutputs, bounds: Bounds, calls: string[], ms: number): Promise<void> {
  const thread = { pending: 1, idle: () => new Promise<void>(() => {}) };
  const onError = ({ detail }: TrainscopeError): void => void calls.push(detail);
  const output = { thread, onError, isOpen: true, flush: () => calls.push("flush"), close: () => calls.push("close") };
  void settle([output as unknown as RunOutput], bounds);
  await vi.advanceTimersByTimeAsync(ms);
}
