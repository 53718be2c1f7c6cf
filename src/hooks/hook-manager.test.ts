import { describe, expect, test } from "vitest";
import type { TrainerView } from "../contract/index.js";
import { TrainscopeError } from "../support/errors.js";
import { HookManager } from "./hook-manager.js";
import { HOOK_METHODS } from "./hook-methods.js";
import { TrainerHooks, defineHook } from "./trainer-hooks.js";

const trainer = {} as TrainerView;

class Alarm extends TrainerHooks {
  rang = 0;
  override onEpochStart(): void {
    this.rang++;
  }
}

function recording(key: string, calls: string[], work?: () => void | Promise<void>): TrainerHooks {
  return defineHook(key, {
    onEpochStart: async () => {
      calls.push(`${key} starts`);
      await work?.();
      calls.push(`${key} ends`);
    },
  });
}

describe("order", () => {
  test("configured, registered, built-in, each in the order in which they were added", () => {
    const manager = new HookManager();
    manager.add(defineHook("logging", { onStop() {} }), "built-in");
    manager.registerHook(defineHook("mine", { onStop() {} }));
    manager.add(defineHook("fromConfig", { onStop() {} }), "configured");
    manager.registerHook(defineHook("mineToo", { onStop() {} }));
    expect(manager.describe().map(({ key, source }) => `${source} ${key}`)).toEqual([
      "user fromConfig",
      "user mine",
      "user mineToo",
      "built-in logging",
    ]);
  });

  test("a hook starts when the one before it has finished", async () => {
    const calls: string[] = [];
    const manager = new HookManager();
    manager.registerHook(recording("slow", calls, () => new Promise((resolve) => setTimeout(resolve, 5))));
    manager.registerHook(recording("fast", calls));
    await manager.methods.onEpochStart.fire(trainer, 0);
    expect(calls).toEqual(["slow starts", "slow ends", "fast starts", "fast ends"]);
  });

  test("only the hook methods that are overridden are called", () => {
    const manager = new HookManager();
    manager.registerHook(new Alarm());
    expect(manager.describe()[0]?.methods).toEqual(["onEpochStart"]);
  });

  test("sync hooks cost no promise, and they get what the loop gives", () => {
    const seen: unknown[] = [];
    const manager = new HookManager<string>();
    manager.registerHook(defineHook<string>("spy", { onTrainBatchEnd: (...args) => void seen.push(args) }));
    const returned = manager.methods.onTrainBatchEnd.fire(trainer, "batch", 1, "digits", { loss: 2 });
    expect(returned).toBeUndefined();
    expect(seen).toEqual([[trainer, "batch", 1, "digits", { loss: 2 }]]);
  });
});

describe("registration", () => {
  test("two hooks of one class get their own keys", () => {
    const manager = new HookManager();
    manager.registerHook(new Alarm());
    manager.registerHook(new Alarm());
    expect(manager.describe().map(({ key }) => key)).toEqual(["Alarm", "Alarm#2"]);
  });

  test("no two hooks share a key, also where one is called like a numbered one", () => {
    const manager = new HookManager();
    manager.registerHook(defineHook("Alarm#2", { onStop() {} }));
    manager.registerHook(new Alarm());
    manager.registerHook(new Alarm());
    expect(manager.describe().map(({ key }) => key)).toEqual(["Alarm#2", "Alarm", "Alarm#3"]);
  });

  test("the returned function takes the hook out, and no other", () => {
    const manager = new HookManager();
    const first = new Alarm();
    const second = new Alarm();
    const remove = manager.registerHook(first);
    manager.registerHook(second);
    remove();
    void manager.methods.onEpochStart.fire(trainer, 0);
    expect([first.rang, second.rang]).toEqual([0, 1]);
  });

  test.each([
    {
      name: "the same object twice",
      add: (m: HookManager, a: Alarm) => (m.registerHook(a), m.registerHook(a)),
      says: "already registered",
    },
    { name: "a class", add: (m: HookManager) => m.registerHook(Alarm as never), says: "new Alarm()" },
    { name: "nothing", add: (m: HookManager) => m.registerHook(null as never), says: "found null" },
  ])("$name is refused", ({ add, says }) => {
    expect(() => add(new HookManager(), new Alarm())).toThrow(says);
  });

  test("a hook added during a dispatch is called at the next one", async () => {
    const manager = new HookManager();
    const late = new Alarm();
    manager.registerHook(defineHook("adder", { onEpochStart: () => void manager.registerHook(late) }));
    await manager.methods.onEpochStart.fire(trainer, 0);
    expect(late.rang).toBe(0);
  });
});

describe("errors", () => {
  test.each([
    {
      name: "throws",
      method: () => {
        throw new Error("no disk");
      },
    },
    { name: "rejects", method: () => Promise.reject(new Error("no disk")) },
  ])("a hook that $name is named with its method, and the others are not called", async ({ method }) => {
    const manager = new HookManager();
    const other = new Alarm();
    manager.registerHook(defineHook("bad", { onEpochStart: method }));
    manager.registerHook(other);
    const error = await (async () => manager.methods.onEpochStart.fire(trainer, 0))().catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      code: "ERR_HOOK",
      path: "hook bad, onEpochStart",
      cause: expect.objectContaining({ message: "no disk" }) as unknown,
    });
    expect(other.rang).toBe(0);
  });

  test("the second hook of a dispatch that awaits is named, not the first", async () => {
    const manager = new HookManager();
    manager.registerHook(defineHook("waits", { onEpochStart: async () => {} }));
    manager.registerHook(defineHook("bad", { onEpochStart: () => Promise.reject(new Error("x")) }));
    await expect(manager.methods.onEpochStart.fire(trainer, 0)).rejects.toMatchObject({ path: "hook bad, onEpochStart" });
  });

  test("an error of ours keeps its code and says its place; the message names the code once", () => {
    const manager = new HookManager();
    manager.registerHook(
      defineHook("bad", {
        onEpochStart() {
          throw new TrainscopeError("ERR_MODEL", "no gradients", { path: "model.gradients" });
        },
      }),
    );
    expect(() => manager.methods.onEpochStart.fire(trainer, 0)).toThrow(
      expect.objectContaining({
        code: "ERR_MODEL",
        path: "hook bad, onEpochStart",
        message: "ERR_MODEL at hook bad, onEpochStart\n  At model.gradients: no gradients",
      }) as Error,
    );
  });

  test("at the end every hook is called, and every error is kept", async () => {
    const manager = new HookManager();
    const called: string[] = [];
    manager.registerHook(
      defineHook("a", {
        onTrainEnd() {
          throw new Error("first");
        },
      }),
    );
    manager.registerHook(defineHook("b", { onTrainEnd: () => void called.push("b") }));
    manager.registerHook(defineHook("c", { onTrainEnd: () => Promise.reject(new Error("second")) }));
    const errors = await manager.methods.onTrainEnd.fireAll(trainer, "failed");
    expect(called).toEqual(["b"]);
    expect(errors.map(({ path }) => path)).toEqual(["hook a, onTrainEnd", "hook c, onTrainEnd"]);
  });
});

describe("state", () => {
  test("each instance gets its own back, and a state of no hook is named", () => {
    const manager = new HookManager();
    const counters = [1, 2].map((count) => ({ count }));
    for (const counter of counters) {
      manager.registerHook(
        defineHook("counter", { state: () => counter.count, loadState: (state) => void (counter.count = state as number) }),
      );
    }
    expect(manager.state()).toEqual({ counter: 1, "counter#2": 2 });
    expect(manager.loadState({ counter: 10, "counter#2": 20, gone: 3 })).toEqual(["gone"]);
    expect(counters).toEqual([{ count: 10 }, { count: 20 }]);
  });

  test("reads, monitors and produces are gathered", () => {
    const manager = new HookManager();
    manager.registerHook(defineHook("a", { reads: ["loss"], produces: ["score"] }));
    manager.registerHook(defineHook("b", { reads: ["loss", "accuracy"], monitors: [{ monitor: "score", path: "b" }] }));
    expect(manager.reads).toEqual(["loss", "accuracy"]);
    expect(manager.produces).toEqual(["score"]);
    expect(manager.monitors).toEqual([{ monitor: "score", path: "b" }]);
  });
});

test("every hook method of TrainerHooks is known to the manager", () => {
  const methods = Object.getOwnPropertyNames(TrainerHooks.prototype).filter((name) => name.startsWith("on"));
  expect([...HOOK_METHODS].toSorted()).toEqual(methods.toSorted());
});
