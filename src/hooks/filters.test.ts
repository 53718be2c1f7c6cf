import { expect, test } from "vitest";
import type { TrainerView } from "../contract/index.js";
import { after, before, every, once } from "./filters.js";
import { HookManager } from "./hook-manager.js";
import { TrainerHooks, defineHook } from "./trainer-hooks.js";

const trainer = {} as TrainerView;

/** The epochs at which `filter` lets a hook through, of the first six calls. */
function epochsOf(filter: (hook: TrainerHooks) => TrainerHooks): number[] {
  const seen: number[] = [];
  const hook = filter(defineHook("spy", { onEpochStart: (_, epoch) => void seen.push(epoch) }));
  for (let epoch = 0; epoch < 6; epoch++) void hook.onEpochStart(trainer, epoch);
  return seen;
}

test.each([
  { name: "every 2nd", filter: (h: TrainerHooks) => every(2, h), epochs: [1, 3, 5] },
  { name: "every call", filter: (h: TrainerHooks) => every(1, h), epochs: [0, 1, 2, 3, 4, 5] },
  { name: "once", filter: (h: TrainerHooks) => once(h), epochs: [0] },
  { name: "after 4", filter: (h: TrainerHooks) => after(4, h), epochs: [4, 5] },
  { name: "before 3", filter: (h: TrainerHooks) => before(3, h), epochs: [0, 1] },
  { name: "one in another", filter: (h: TrainerHooks) => after(2, every(2, h)), epochs: [3, 5] },
])("$name", ({ filter, epochs }) => expect(epochsOf(filter)).toEqual(epochs));

test("each hook method has its own count, and the start and the end are always called", () => {
  const calls: string[] = [];
  const hook = every(
    2,
    defineHook("spy", {
      onTrainStart: () => void calls.push("start"),
      onEpochStart: () => void calls.push("epoch"),
      onEpochEnd: () => void calls.push("epochEnd"),
      onTrainEnd: () => void calls.push("end"),
    }),
  );
  void hook.onTrainStart(trainer);
  void hook.onEpochStart(trainer, 0);
  void hook.onEpochEnd(trainer, 0, {});
  void hook.onEpochStart(trainer, 1);
  void hook.onTrainEnd(trainer, "completed");
  expect(calls).toEqual(["start", "epoch", "end"]);
});

test("the manager sees only the methods of the inner hook, and its key, reads and monitors", () => {
  const manager = new HookManager();
  manager.registerHook(
    every(3, defineHook("alarm", { onEpochStart() {}, reads: ["loss"], monitors: [{ monitor: "val/loss", path: "x" }] })),
  );
  expect(manager.describe()).toEqual([{ key: "alarm", source: "user", methods: ["onEpochStart"] }]);
  expect(manager.reads).toEqual(["loss"]);
  expect(manager.monitors).toEqual([{ monitor: "val/loss", path: "x" }]);
});

test("counts and the inner state survive a save", () => {
  const seen: number[] = [];
  const make = (inner: { value: number }): TrainerHooks =>
    every(
      3,
      defineHook("spy", {
        onEpochStart: (_, epoch) => void seen.push(epoch),
        state: () => inner.value,
        loadState: (state) => void (inner.value = state as number),
      }),
    );
  const first = make({ value: 7 });
  void first.onEpochStart(trainer, 0);
  void first.onEpochStart(trainer, 1);
  const inner = { value: 0 };
  const second = make(inner);
  second.loadState?.(first.state?.() ?? null);
  void second.onEpochStart(trainer, 2);
  expect(seen).toEqual([2]);
  expect(inner.value).toBe(7);
});

test.each([{ reason: "no progress" }, { reason: null }])(
  "a filtered hook answers wouldStop as the hook does: $reason",
  ({ reason }) => {
    expect(every(2, defineHook("decider", { wouldStop: () => reason })).wouldStop?.()).toBe(reason);
    expect(every(2, new TrainerHooks()).wouldStop?.() ?? null).toBeNull();
  },
);

test("a filter keeps the hook's `this`", () => {
  class Counter extends TrainerHooks {
    count = 0;
    override onEpochStart(): void {
      this.count++;
    }
  }
  const counter = new Counter();
  void every(1, counter).onEpochStart(trainer, 0);
  expect(counter.count).toBe(1);
});

test.each([0, -1, 1.5, Number.NaN])("every(%s) is refused", (n) => {
  expect(() => every(n, new TrainerHooks())).toThrow("every(n, hook) takes a whole number of at least 1");
});

test.each([
  ["a misspelt method", { onBatchEnd() {} }, "Here it is onTrainBatchEnd."],
  ["a callback of TensorFlow.js", { setParams() {}, setModel() {}, onEpochEnd() {} }, "is a callback of TensorFlow.js"],
  ["a class", TrainerHooks, "Pass an instance: new TrainerHooks()."],
])("%s is refused in a filter too", (_what, hook, says) => {
  for (const filter of [() => once(hook as never), () => every(2, hook as never), () => after(1, hook as never)])
    expect(filter).toThrow(says);
});
