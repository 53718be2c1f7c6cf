import { describe, expect, test } from "vitest";
import * as tf from "@tensorflow/tfjs";
import { isTrainscopeError } from "../support/errors.js";
import { HookManager } from "./hook-manager.js";
import { TrainerHooks, defineHook } from "./trainer-hooks.js";

/** What is refused, and the name that the message gives. */
const MISTAKEN: readonly (readonly [string, string])[] = [
  ["onBatchEnd", "onTrainBatchEnd"], // Keras
  ["onBatchBegin", "onTrainBatchStart"],
  ["onEpochBegin", "onEpochStart"],
  ["onTrainBegin", "onTrainStart"],
  ["onTestEnd", "onValidationEnd"],
  ["on_epoch_end", "onEpochEnd"],
  ["on_train_batch_end", "onTrainBatchEnd"],
  ["onFitStart", "onTrainStart"], // Lightning
  ["onTrainEpochStart", "onEpochStart"],
  ["on_validation_epoch_end", "onValidationEnd"],
  ["on_save_checkpoint", "onCheckpoint"],
  ["onStepEnd", "onTrainBatchEnd"], // transformers
  ["onLog", "onLogInterval"],
  ["onEpochend", "onEpochEnd"], // typing mistakes
  ["onTrainBatchEnds", "onTrainBatchEnd"],
  ["onChekpoint", "onCheckpoint"],
];

describe.each(MISTAKEN)("%s, which is %s here", (name, here) => {
  const method = (): void => {};
  const forms: readonly (readonly [string, () => void])[] = [
    ["defineHook", () => void defineHook("x", { [name]: method })],
    ["a plain object", () => void new HookManager().registerHook({ [name]: method } as never)],
    ["an instance", () => void new HookManager().registerHook(Object.assign(new TrainerHooks(), { [name]: method }))],
    ["a class", () => void new HookManager().registerHook(new (classWith(name))())],
    ["a subclass of one", () => void new HookManager().registerHook(new (class extends classWith(name) {})())],
  ];
  test.each(forms)("%s", (_form, add) => {
    expect(add).toThrow(`There is no hook method "${name}", so it would never be called. Here it is ${here}.`);
    expect(add).toThrow("onLogInterval, onTrainEpochEnd"); // all of them are listed
  });
});

test.each([
  ["setup", "onTrainStart"],
  ["teardown", "onTrainEnd"],
  ["state_dict", "state"],
  ["load_state_dict", "loadState"],
  ["read", "reads"],
  ["produce", "produces"],
  ["shuffle", null],
])("defineHook refuses the key %s", (name, here) => {
  const add = (): unknown => defineHook("x", { [name]: () => {} });
  expect(add).toThrow(here === null ? "Traits: key, reads" : `Here it is ${here}.`);
});

test.each([
  ["onTrainEnd", 5, "a function"],
  ["state", {}, "a function"],
  ["reads", "loss", "a list of metric names"],
  ["produces", [1], "a list of metric names"],
  ["monitors", ["val/loss"], "a list of { monitor, path }"],
])("a %s of %j is refused: it is %s", (name, value, allowed) => {
  expect(() => defineHook("x", { [name]: value })).toThrow(`Allowed: ${allowed}.`);
});

test("methods of a class's own are its own business", () => {
  class Own extends TrainerHooks {
    onMessage = (): void => {};
    onSlackReply(): void {}
    setup(): void {}
    helper(): void {}
    get result(): number {
      throw new RangeError("there is no result yet");
    }
    override onTrainEnd(): void {}
  }
  const manager = new HookManager();
  manager.registerHook(new Own());
  expect(manager.describe()).toMatchObject([{ key: "Own", methods: ["onTrainEnd"] }]);
});

test.each([
  ["tf.callbacks.earlyStopping", () => tf.callbacks.earlyStopping()],
  ["tf.CustomCallback", () => new tf.CustomCallback({ onEpochEnd: () => {} })],
  ["a subclass of tf.Callback", () => new (class Mine extends tf.Callback {})()],
])("%s is refused with what to write instead", (_name, make) => {
  const add = (): unknown => new HookManager().registerHook(make() as never);
  expect(add).toThrow("is a callback of TensorFlow.js");
  expect(add).toThrow("hooks.earlyStoppingConfig");
  expect(add).toThrow("trainer.requestStop(reason)");
});

test("a hook that is refused leaves nothing behind", () => {
  const manager = new HookManager();
  expect(() => manager.registerHook(Object.assign(new TrainerHooks(), { onBatchEnd() {} }))).toThrow("onTrainBatchEnd");
  expect(manager.describe()).toEqual([]);
});

test("the same hook, removed, can be registered again, under its key", () => {
  const manager = new HookManager();
  const hook = defineHook("a", { onTrainEnd: () => {} });
  const remove = manager.registerHook(hook);
  remove();
  remove();
  manager.registerHook(hook);
  expect(manager.describe().map(({ key }) => key)).toEqual(["a"]);
});

function classWith(name: string): typeof TrainerHooks {
  class Hook extends TrainerHooks {}
  Object.defineProperty(Hook.prototype, name, { value: () => {}, enumerable: false });
  return Hook;
}

test("errors are of the family", () => {
  try {
    defineHook("x", { onBatchEnd: () => {} } as never);
  } catch (error) {
    expect(isTrainscopeError(error) && [error.code, error.path]).toEqual(["ERR_CONFIG", "defineHook.onBatchEnd"]);
    return;
  }
  expect.unreachable();
});

test.each([{}, { onEpochEnd: undefined }])("a hook without anything in it, %j, is refused", (methods: object) => {
  expect(() => defineHook("empty", methods)).toThrow(
    /ERR_CONFIG at defineHook[^]*no hook method in it, so it would never be called/,
  );
  expect(() => defineHook("declares", { produces: ["own/score"] })).not.toThrow();
});
