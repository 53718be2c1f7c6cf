import { parse } from "yaml";
import { describe, expect, test } from "vitest";
import type { GenericTrainerConfig } from "../contract/index.js";
import { applyOverrides } from "./overrides.js";
import { flatParams } from "./param-tree.js";
import { changedSettings, configYaml, tagsOf } from "./params.js";
import { resolveConfig } from "./resolve.js";

describe("flatParams", () => {
  class Schedule {
    readonly rate = 0.1;
  }
  const cycle: Record<string, unknown> = { a: 1 };
  cycle["self"] = cycle;
  const loop: unknown[] = [1];
  loop.push(loop);
  let deep: Record<string, unknown> = { rate: 1 };
  for (let i = 0; i < 30; i++) deep = { x: deep };
  const tensor = Object.assign(new Schedule(), { dataSync: () => [1], dtype: "float32" });

  test.each<{ what: string; given: object; is: object }>([
    {
      what: "scalars",
      given: { a: 1, b: "x", c: true, d: null, e: -0, f: NaN },
      is: { a: 1, b: "x", c: true, d: null, e: -0, f: NaN },
    },
    { what: "objects", given: { opt: { name: "adam", betas: { one: 0.9 } } }, is: { "opt.name": "adam", "opt.betas.one": 0.9 } },
    {
      what: "lists",
      given: { layers: [64, 32], blocks: [{ kind: "conv", sizes: [3] }] },
      is: { layers: "[64,32]", blocks: '[{"kind":"conv","sizes":[3]}]' },
    },
    {
      what: "secrets in lists",
      given: { calls: [{ token: "abc" }, "https://me:pw@host"] },
      is: { calls: '[{"token":"***"},"https://***@host"]' },
    },
    { what: "what is empty", given: { a: {}, b: [], c: "" }, is: { a: "{}", b: "[]", c: "" } },
    {
      what: "names of prototypes",
      given: { constructor: 1, toString: { valueOf: 2 } },
      is: { constructor: 1, "toString.valueOf": 2 },
    },
    { what: "dots in keys", given: { "opt.lr": 1, ".": 2 }, is: { "opt.lr": 1, ".": 2 } },
    {
      what: "an object without a prototype",
      given: { a: Object.assign(Object.create(null) as object, { b: 1 }) },
      is: { "a.b": 1 },
    },
    { what: "one object twice", given: { a: { x: 1 }, b: [cycle["a"], cycle["a"]] }, is: { "a.x": 1, b: "[1,1]" } },
  ])("$what", ({ given, is }) => {
    expect(flatParams(given as Record<string, unknown>)).toEqual(expect.objectContaining({ params: is, problems: [] }));
  });

  test.each([
    { what: "a function", value: () => 1, path: ["bad"], says: "Give a name for it" },
    { what: "a symbol", value: Symbol("a"), path: ["bad"], says: "Give a name for it" },
    { what: "a bigint", value: 5n, path: ["bad"], says: "Number(value), or String(value)" },
    { what: "a date", value: new Date(0), path: ["bad"], says: "date.toISOString()" },
    { what: "a map", value: new Map(), path: ["bad"], says: "Object.fromEntries(map)" },
    { what: "a set", value: new Set(), path: ["bad"], says: "[...set]" },
    { what: "a promise", value: Promise.resolve(1), path: ["bad"], says: "Await it first" },
    { what: "a typed array", value: new Float32Array(3), path: ["bad"], says: "Array.from(values)" },
    { what: "a tensor", value: tensor, path: ["bad"], says: "tensor.dataSync()[0]" },
    { what: "an instance", value: new Schedule(), path: ["bad"], says: "that tell runs apart" },
    { what: "an undefined value", value: undefined, path: ["bad"], says: "Leave the key out" },
    { what: "one deep inside", value: { a: [1, { b: 2n }] }, path: ["bad", "a", 1, "b"], says: "Number(value)" },
    { what: "an object in itself", value: cycle, path: ["bad", "self"], says: "It holds itself" },
    { what: "a list in itself", value: loop, path: ["bad", 1], says: "It holds itself" },
    { what: "what is too deep", value: deep, path: ["bad", "x", "x"], says: "more than 20 levels" },
    { what: "an empty key", value: { "": 1 }, path: ["bad", ""], says: "is empty" },
    { what: "a control character in a key", value: { "a\u0007": 1 }, path: ["bad", "a\u0007"], says: 'The key "a\\x07"' },
    { what: "a line break in a key", value: { "a\nb": 1 }, path: ["bad", "a\nb"], says: "cannot be shown" },
    { what: "a text that turns around", value: { "\u202ea": 1 }, path: ["bad", "\u202ea"], says: "cannot be shown" },
    { what: "a prototype", value: JSON.parse('{"__proto__":1}') as object, path: ["bad", "__proto__"], says: "never allowed" },
    { what: "a long name", value: { ["x".repeat(300)]: 1 }, path: ["bad", "x".repeat(300)], says: "more than 250 characters" },
    { what: "data", value: Array.from({ length: 20_000 }, () => 1), path: ["bad"], says: "more than 10000 values" },
  ])("$what is refused by name, and the others are kept", ({ value, path, says }) => {
    const { params, problems } = flatParams({ before: 1, bad: value, after: 2 });
    expect(problems.map((problem) => ({ path: problem.path, message: problem.message }))).toEqual([
      { path, message: expect.stringContaining(says) },
    ]);
    expect(params).toMatchObject(says.includes("10000") ? { before: 1 } : { before: 1, after: 2 });
  });

  test("two params of one flat name are refused", () => {
    const { params, problems } = flatParams({ "opt.lr": 1, opt: { lr: 2 } });
    expect(params).toEqual({ "opt.lr": 1 });
    expect(problems.map(({ message }) => message)).toEqual([expect.stringContaining('two params called "opt.lr"')]);
  });
});

describe("in a config", () => {
  const resolved = (config: GenericTrainerConfig) => resolveConfig({ maxEpochs: 1, ...config }, { env: {} });

  test("come out as they were given, and survive config.yaml", async () => {
    const params = { lr: 0.1, model: { layers: [3, 4], dropout: undefined } };
    const config = resolved({ params, project: "digits", tags: ["a", "b"], notes: "# Why\n\nfor **fun**" });
    expect(config.params).toEqual(params);
    const read = parse(await configYaml(config)) as GenericTrainerConfig;
    expect(read).toMatchObject({ params: { lr: 0.1, model: { layers: [3, 4] } }, project: "digits", tags: ["a", "b"] });
    expect(resolveConfig(read, { env: {} })).toMatchObject({ notes: "# Why\n\nfor **fun**", params: { lr: 0.1 } });
  });

  test("secrets are hidden in config.yaml", async () => {
    const yaml = await configYaml(resolved({ params: { db: { password: "hunter2" } }, notes: "see https://me:hunter2@host" }));
    expect(yaml).not.toContain("hunter2");
  });

  test.each<[string, GenericTrainerConfig, string, string]>([
    ["a function", { params: { act: Math.max } }, "params.act", "Found the function max. Allowed: a string, a number"],
    ["an instance", { params: { at: { day: new Date(0) } } }, "params.at.day", "Give date.toISOString()."],
    ["a secret", { params: { apiKey: 5n } }, "params.apiKey", "Found ***."],
    ["a list", { params: [1] as never }, "params", "Allowed: an object of strings"],
    ["a map", { params: new Map([["a", 1]]) as never }, "params", "Allowed: an object of strings"],
    ["a prototype", { params: JSON.parse('{"__proto__":1}') as object as never }, "params.__proto__", "never allowed"],
    ["a project of two lines", { project: "a\nb" }, "project", "one line of at most 200 characters"],
    ["an empty project", { project: "" }, "project", "a string that is not empty"],
    ["a tag that is a number", { tags: [1] as never }, "tags[0]", "Found 1. Allowed: a string"],
    ["a tag with a number", { tags: { fold: 1 } as never }, "tags.fold", "Found 1. Allowed: a string"],
    ["tags that are a text", { tags: "a, b" as never }, "tags", "a list of strings, or an object of strings"],
    ["notes that are a list", { notes: ["a"] as never }, "notes", "a string that is not empty"],
    ["a key beside them", { param: {} } as never, "param", 'Nearest: "params"'],
  ])("%s is refused by name", (_what, config, path, says) => {
    expect(() => resolved(config)).toThrow(says);
    expect(() => resolved(config)).toThrow(`at ${path}`);
  });

  test.each([
    { overrides: ["params.lr=0.01"], is: { lr: 0.01, opt: { name: "sgd" } } },
    {
      overrides: ["params.lr=.5", "params.opt.momentum=+1", "params.opt.name=adam"],
      is: { lr: 0.5, opt: { name: "adam", momentum: 1 } },
    },
    {
      overrides: ["params.layers=[64,32]", "params.bias=true", "params.none=null"],
      is: { layers: [64, 32], bias: true, none: null },
    },
    { overrides: ["params.id=007", "params.text=1e", "params.rate=1e-3"], is: { id: "007", text: "1e", rate: 0.001 } },
    { overrides: ['params={"only":1}'], is: { only: 1 }, replaces: true },
  ])("overrides set free keys: $overrides", ({ overrides, is, replaces }) => {
    const given: GenericTrainerConfig = { params: { lr: 0.1, opt: { name: "sgd" } } };
    const { params } = applyOverrides(given, overrides);
    if (replaces === true) expect(params).toEqual(is);
    else expect(params).toMatchObject(is);
    expect(given.params).toEqual({ lr: 0.1, opt: { name: "sgd" } });
  });

  test.each([
    ["params.constructor.x=1", "never allowed"],
    ["params.opt.__proto__=1", "never allowed"],
    ["params.lr.x=1", "needs an object"],
    ["params.=1", "An override is key=value"],
    ["tags=text", "a list of strings"],
  ])("the override %s is refused", (override, says) => {
    expect(() => applyOverrides({ params: { lr: 1 } }, [override])).toThrow(says);
  });

  test("tags are set by overrides", () => {
    expect(applyOverrides({}, ["tags=[a, b]"]).tags).toEqual(["a", "b"]);
    expect(applyOverrides({ tags: { team: "x" } }, ["tags.fold=3"]).tags).toEqual({ team: "x", fold: "3" });
  });

  test("tags of a list have no value", () => {
    expect(tagsOf(resolved({ tags: ["a", "constructor"] }))).toEqual({ a: "", constructor: "" });
    expect(tagsOf(resolved({ tags: { team: "vision" } }))).toEqual({ team: "vision" });
    expect(tagsOf(resolved({}))).toEqual({});
  });

  test("of the config only what differs from its default is a setting of the run", () => {
    expect(changedSettings(resolved({}))).toEqual({ maxEpochs: 1 });
    const config = resolved({
      runName: "mine",
      runsDir: "elsewhere",
      seed: 7,
      params: { a: 1 },
      tags: ["x"],
      notes: "n",
      project: "p",
      hooks: { enableEarlyStoppingHook: true, earlyStoppingConfig: { patience: 3, monitor: "val/loss" } },
      logging: { logEveryNSteps: 50, loggerType: "none" },
    });
    expect(changedSettings(config)).toEqual({
      maxEpochs: 1,
      seed: 7,
      "hooks.enableEarlyStoppingHook": true,
      "hooks.earlyStoppingConfig.patience": 3,
      "logging.loggerType": "none",
    });
  });
});

test("flat params do not change what was given", () => {
  const given = { a: { b: [1] } };
  expect(flatParams(given).params).toEqual({ "a.b": "[1]" });
  expect(given).toEqual({ a: { b: [1] } });
});
