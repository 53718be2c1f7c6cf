import { expect, test } from "vitest";
import { TrainerEmitter } from "./events.js";

function makeEmitter(): { emitter: TrainerEmitter; errors: string[] } {
  const errors: string[] = [];
  const emitter = new TrainerEmitter((event, error) => errors.push(`${event}: ${String(error)}`));
  return { emitter, errors };
}

const warning = { message: "look" };

test("off removes a listener that was added by once", () => {
  const { emitter } = makeEmitter();
  let calls = 0;
  const listener = (): void => void calls++;
  emitter.once("warning", listener);
  emitter.off("warning", listener);
  expect(emitter.listeners("warning")).toEqual([]);
  expect(emitter.emit("warning", warning)).toBe(false);
  expect(calls).toBe(0);
});

test("once: called at the next event only, beside one of the same function added by on", () => {
  const { emitter } = makeEmitter();
  const heard: string[] = [];
  const listener = ({ message }: { message: string }): void => void heard.push(message);
  emitter.once("warning", listener);
  emitter.on("warning", listener);
  expect(emitter.listeners("warning")).toEqual([listener, listener]);
  emitter.emit("warning", { message: "first" });
  emitter.emit("warning", { message: "second" });
  expect(heard).toEqual(["first", "first", "second"]);
  emitter.once("warning", listener);
  emitter.emit("warning", { message: "third" });
  expect(heard.slice(3)).toEqual(["third", "third"]);
  expect(emitter.listenerCount("warning")).toBe(1);
});

test("once: a listener that emits its own event is not called again", () => {
  const { emitter } = makeEmitter();
  let calls = 0;
  emitter.once("warning", () => {
    calls++;
    emitter.emit("warning", warning);
  });
  emitter.emit("warning", warning);
  expect(calls).toBe(1);
});

test("a listener that throws or rejects is reported with its event, and the others are called", async () => {
  const { emitter, errors } = makeEmitter();
  let heard = 0;
  emitter.on("warning", () => {
    throw new Error("broke");
  });
  emitter.on("warning", (() => Promise.reject(new Error("broke later"))) as never);
  emitter.once("warning", () => {
    throw new Error("broke once");
  });
  emitter.on("warning", () => void heard++);
  emitter.emit("warning", warning);
  emitter.emit("warning", warning);
  await new Promise((resolve) => setImmediate(resolve));
  expect(heard).toBe(2);
  expect(errors.toSorted()).toEqual([
    "warning: Error: broke",
    "warning: Error: broke",
    "warning: Error: broke later",
    "warning: Error: broke later",
    "warning: Error: broke once",
  ]);
});
