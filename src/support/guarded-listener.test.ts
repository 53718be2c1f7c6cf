import { expect, test } from "vitest";
import { guardedListener, onceForEachMessage } from "./guarded-listener.js";

test("a listener gets its arguments, and its absence is no error", () => {
  const heard: unknown[][] = [];
  guardedListener((...args: [string, number]) => heard.push(args))("a", 1);
  guardedListener<[string]>(undefined)("b");
  expect(heard).toEqual([["a", 1]]);
});

test("what a listener throws or rejects with goes to onError", async () => {
  const errors: unknown[] = [];
  const onError = (error: unknown): void => void errors.push(error);
  guardedListener(() => {
    throw new TypeError("thrown");
  }, onError)();
  guardedListener(() => Promise.reject(new TypeError("rejected")), onError)();
  await new Promise((resolve) => setImmediate(resolve));
  expect(errors.map(String)).toEqual(["TypeError: thrown", "TypeError: rejected"]);
});

test("without onError a listener's failure is dropped: an unhandled rejection would fail this test", async () => {
  expect(guardedListener(() => Promise.reject(new TypeError("nobody asks")))()).toBeUndefined();
  await new Promise((resolve) => setImmediate(resolve));
});

test("what onError throws is dropped too", async () => {
  const throwing = (): never => {
    throw new TypeError("in onError");
  };
  expect(guardedListener(throwing, throwing)()).toBeUndefined();
  guardedListener(() => Promise.reject(new TypeError("rejected")), throwing)();
  await new Promise((resolve) => setImmediate(resolve));
});

test("each message once, and a bounded number of messages", () => {
  const heard: string[] = [];
  const tell = onceForEachMessage((message) => heard.push(message), 2);
  for (const message of ["a", "a", "b", "c", "b"]) tell(message);
  expect(heard).toEqual(["a", "b", "There were 2 different warnings: further ones are not passed on."]);
});
