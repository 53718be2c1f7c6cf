import { expect, test } from "vitest";
import type { WithDefaults } from "../contract/with-defaults.js";
import { aCount, aFlag, aFunction, checkedOptions, optional, type OptionRules, required, withDefault } from "./option-keys.js";

interface Options {
  batchSize?: number | undefined;
  shuffle?: boolean | undefined;
  collate?: (() => void) | undefined;
  loss: () => number;
}

type Filled = WithDefaults<Options, "batchSize" | "shuffle">;

const RULES: OptionRules<Options, Filled> = {
  batchSize: withDefault(aCount, 32),
  shuffle: withDefault(aFlag, false),
  collate: optional(aFunction),
  loss: required(aFunction),
};

const loss = (): number => 1;

test("what is left out or undefined has its default", () => {
  const { batchSize, shuffle, collate } = checkedOptions<Options, Filled>({ loss, shuffle: undefined }, RULES, "loader");
  const doubled: number = batchSize * 2; // typed: the default took `undefined` away
  expect([doubled, shuffle, collate]).toEqual([64, false, undefined]);
});

test("a rule of the wrong kind does not compile", () => {
  // @ts-expect-error -- `batchSize` always has a value in Filled, so it needs a default
  const withoutDefault: OptionRules<Options, Filled> = { ...RULES, batchSize: optional(aCount) };
  // @ts-expect-error -- `loss` must be given
  const withoutLoss: OptionRules<Options, Filled> = { ...RULES, loss: optional(aFunction) };
  // @ts-expect-error -- `collate` may be left out
  const withCollate: OptionRules<Options, Filled> = { ...RULES, collate: required(aFunction) };
  expect([withoutDefault, withoutLoss, withCollate]).toHaveLength(3);
});

test.each([
  { key: "epochs", says: 'There is no key "epochs" here.\nSet maxEpochs.\nAvailable: batchSize, shuffle, collate, loss.' },
  { key: "val_split", says: 'There is no key "val_split" here.\nGive a loader.\nAvailable: batchSize, shuffle, collate, loss.' },
  {
    key: "batch_size",
    says: 'There is no key "batch_size" here.\nNearest: "batchSize".\nAvailable: batchSize, shuffle, collate, loss.',
  },
  { key: "toString", says: 'There is no key "toString" here.\nAvailable: batchSize, shuffle, collate, loss.' },
])("an unknown key that is known elsewhere: $key", ({ key, says }) => {
  const instead = new Map([
    ["epochs", "Set maxEpochs."],
    ["valSplit", "Give a loader."],
    ["batchSize", "Not said where the key is known."],
  ]);
  const refused = expect.objectContaining({ code: "ERR_CONFIG", path: `loader.${key}`, detail: says }) as Error;
  expect(() => checkedOptions<Options, Filled>({ loss, [key]: 1 }, RULES, "loader", instead)).toThrow(refused);
});

test("what is given is kept, and the caller's object stays as it is", () => {
  const given: Options = { loss, batchSize: 8, shuffle: true };
  expect(checkedOptions(given, RULES, "loader")).toEqual({ loss, batchSize: 8, shuffle: true, collate: undefined });
  expect(Object.keys(given)).toEqual(["loss", "batchSize", "shuffle"]);
});

const available = "Available: batchSize, shuffle, collate, loss.";

test.each([
  {
    what: "a misspelt key",
    given: { loss, batch_size: 8 },
    path: "loader.batch_size",
    detail: `There is no key "batch_size" here.\nNearest: "batchSize".\n${available}`,
  },
  {
    what: "an unknown key",
    given: { loss, workers: 8 },
    path: "loader.workers",
    detail: `There is no key "workers" here.\n${available}`,
  },
  {
    what: "a fraction",
    given: { loss, batchSize: 1.5 },
    path: "loader.batchSize",
    detail: "Found 1.5. Allowed: an integer of at least 1.",
  },
  {
    what: "null",
    given: { loss, batchSize: null },
    path: "loader.batchSize",
    detail: "Found null. Allowed: an integer of at least 1.",
  },
  { what: "no flag", given: { loss, shuffle: "yes" }, path: "loader.shuffle", detail: 'Found "yes". Allowed: true or false.' },
  {
    what: "no function",
    given: { loss, collate: {} },
    path: "loader.collate",
    detail: "Found an object without keys. Allowed: a function.",
  },
  { what: "a missing option", given: {}, path: "loader.loss", detail: "Nothing is given. Allowed: a function." },
  {
    what: "no object",
    given: null,
    path: "loader",
    detail: "Found null. Allowed: an object with the keys batchSize, shuffle, collate, loss.",
  },
])("$what is refused", ({ given, path, detail }) => {
  expect(() => checkedOptions(given as unknown as Options, RULES, "loader")).toThrow(
    expect.objectContaining({ code: "ERR_CONFIG", path, detail }) as Error,
  );
});
