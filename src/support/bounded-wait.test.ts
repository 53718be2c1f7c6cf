import { expect, test } from "vitest";
import { within } from "./bounded-wait.js";

const never = new Promise<never>(() => {});

test("work that ends in time is its value or its error", async () => {
  expect(await within(Promise.resolve(7), { timeoutMs: 1000 }, "answer")).toEqual({ done: true, value: 7 });
  const error = new TypeError("broken");
  expect(await within(Promise.reject(error), {}, "answer")).toEqual({ done: false, late: false, error });
});

test("a time-out says what was waited for", async () => {
  expect(await within(never, { timeoutMs: 5 }, "answer")).toEqual({
    done: false,
    late: true,
    error: "did not answer within 5 ms",
  });
});

test("an abort ends the wait, also one that came before it", async () => {
  const late = { done: false, late: true, error: "did not answer before the wait was aborted" };
  const controller = new AbortController();
  const waiting = within(never, { signal: controller.signal }, "answer");
  controller.abort();
  expect(await waiting).toEqual(late);
  expect(await within(never, { signal: controller.signal }, "answer")).toEqual(late);
});

test("a rejection after the bound is handled: unhandled, it would fail this test", async () => {
  let fail = (_error: Error): void => {};
  const work = new Promise<never>((_, reject) => {
    fail = reject;
  });
  expect(await within(work, { timeoutMs: 1 }, "answer")).toMatchObject({ late: true });
  fail(new TypeError("late"));
  await new Promise((resolve) => setImmediate(resolve));
});

test("work that has settled is its outcome, even when the wait was aborted before it began", async () => {
  const aborted = AbortSignal.abort();
  expect(await within(Promise.resolve(7), { signal: aborted }, "answer")).toEqual({ done: true, value: 7 });
  expect(await within(Promise.reject(new TypeError("no")), { signal: aborted }, "answer")).toMatchObject({ late: false });
});
