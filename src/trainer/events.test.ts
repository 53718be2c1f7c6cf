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

test.each<[string, (emitter: TrainerEmitter, listener: () => void) => unknown]>([
  ["on", (emitter, listener) => emitter.on("warning", listener)],
  ["addListener", (emitter, listener) => emitter.addListener("warning", listener)],
  ["once", (emitter, listener) => emitter.once("warning", listener)],
  ["once, then on", (emitter, listener) => emitter.once("warning", listener).on("warning", listener)],
  ["once, twice", (emitter, listener) => emitter.once("warning", listener).once("warning", listener)],
])("%s: off and removeListener remove it for good, however often it was added", (_, add) => {
  for (const remove of ["off", "removeListener"] as const) {
    const { emitter } = makeEmitter();
    let calls = 0;
    const listener = (): void => void calls++;
    add(emitter, listener);
    emitter[remove]("warning", listener);
    emitter.emit("warning", warning);
    expect([calls, emitter.listenerCount("warning")]).toEqual([0, 0]);
  }
});

test("a listener that was added twice is called twice", () => {
  const { emitter } = makeEmitter();
  let calls = 0;
  const listener = (): void => void calls++;
  emitter.on("warning", listener);
  emitter.on("warning", listener);
  emitter.emit("warning", warning);
  expect(calls).toBe(2);
});

test("what a listener adds or removes during an event counts from the next one on", () => {
  const { emitter } = makeEmitter();
  const heard: string[] = [];
  const late = (): void => void heard.push("late");
  const removed = (): void => void heard.push("removed");
  emitter.on("warning", () => {
    heard.push("first");
    emitter.off("warning", removed);
    emitter.once("warning", late);
  });
  emitter.on("warning", removed);
  emitter.emit("warning", warning);
  expect(heard).toEqual(["first", "removed"]);
  emitter.removeAllListeners("warning");
  emitter.once("warning", late);
  emitter.emit("warning", warning);
  emitter.emit("warning", warning);
  expect(heard).toEqual(["first", "removed", "late"]);
});

test.each([
  ["epochend", 'Nearest: "epochEnd"'],
  ["toString", "Available: interval, epochEnd"],
  [undefined, "There is no event undefined"],
])("the event %s is refused", (event, says) => {
  const { emitter } = makeEmitter();
  for (const add of ["on", "once", "addListener"] as const) {
    expect(() => emitter[add](event as never, () => {})).toThrow(says);
    expect(() => emitter[add](event as never, () => {})).toThrow("ERR_CONFIG at trainer.events");
  }
});

test.each([undefined, null, "listener", {}])("%o is refused as a listener", (listener) => {
  const { emitter } = makeEmitter();
  for (const add of ["on", "once", "addListener"] as const)
    expect(() => emitter[add]("warning", listener as never)).toThrow("not a function");
  expect(emitter.eventNames()).toEqual([]);
});
