import { afterEach, beforeEach, expect, test, vi } from "vitest";
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
