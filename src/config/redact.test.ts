import { parse } from "yaml";
import { expect, test } from "vitest";
import { TrainerHooks } from "../hooks/trainer-hooks.js";
import { configYaml, flattenParams, redactConfig, redactText, resolveConfig } from "./index.js";
import { isSecretKey } from "./redact.js";

test.each([
  "token",
  "monitorToken",
  "API_TOKEN",
  "apiKey",
  "api_key",
  "OPENAI_API_KEY",
  "password",
  "dbPassword",
  "clientSecret",
  "secret",
  "Authorization",
  "proxy-authorization",
  "credentials",
  "awsSecretAccessKey",
  "privateKey",
])("%s is a secret", (key) => expect(isSecretKey(key)).toBe(true));

test.each(["tokens", "maxTokens", "tokenizer", "tokensPerSecond", "key", "monkey", "author", "passes", "keyword", "tokenCount"])(
  "%s is none",
  (key) => expect(isSecretKey(key)).toBe(false),
);

test.each([
  ["https://user:pw@host/path", "https://***@host/path"],
  ["https://token@host", "https://***@host"],
  ["postgres://me:p@ss@db:5432/x", "postgres://***@db:5432/x"],
  ["postgresql+psycopg2://me:pa/ss?w#d@db/x", "postgresql+psycopg2://***@db/x"],
  ["see http://a:b@c and http://d:e@f.", "see http://***@c and http://***@f."],
  ["https://host/p?token=abc&x=1", "https://host/p?token=***&x=1"],
  ["https://host/p?x=1&api_key=abc#top", "https://host/p?x=1&api_key=***#top"],
  ["https://s3/x?X-Amz-Signature=abc&X-Amz-Date=1", "https://s3/x?X-Amz-Signature=***&X-Amz-Date=1"],
  ["Authorization: Bearer abcdefgh.ijk", "Authorization: Bearer ***"],
  ["https://host:8080/@scope/package", "https://host:8080/@scope/package"],
  ["mail me@host.org about val/loss = 3", "mail me@host.org about val/loss = 3"],
  ["https://host/p?page=2", "https://host/p?page=2"],
])("%s", (text, redacted) => {
  expect(redactText(text)).toBe(redacted);
  expect(redactText(redacted)).toBe(redacted);
});

test.each(["://", "://a:", "?token=", "?a=", "Bearer ", "a", "@", "://@"])("a long text of %j is read in one pass", (piece) => {
  const text = piece.repeat(100_000);
  expect(redactText(text).length).toBeGreaterThan(0);
});

test("secrets and instances are not written down", () => {
  class LossAlarm extends TrainerHooks {}
  const config = resolveConfig(
    {
      maxEpochs: 1,
      runName: "a",
      logging: { loggers: [{ name: "memory", logMetrics: () => undefined }] },
      hooks: {
        hookClasses: [
          LossAlarm,
          { hook: "./a.js#Own", config: { apiKey: "hunter2", url: "https://me:hunter2@host", showToken: true } },
        ],
        hookConfigs: {
          LossAlarm: { password: 12345, nested: [{ secret: { deep: "hunter2" } }], at: new LossAlarm(), limit: Infinity },
        },
      },
    },
    { env: {} },
  );
  const tree = redactConfig(config);
  expect(tree).toMatchObject({
    logging: { loggers: ["[LoggerBackend memory]"] },
    hooks: {
      hookClasses: [
        "[class LossAlarm]",
        { hook: "./a.js#Own", config: { apiKey: "***", url: "https://***@host", showToken: true } },
      ],
      hookConfigs: { LossAlarm: { password: "***", nested: [{ secret: "***" }], at: "[LossAlarm]", limit: "Infinity" } },
    },
  });
  expect(JSON.stringify(tree)).not.toMatch(/hunter2|12345/);
  expect(JSON.parse(JSON.stringify(tree))).toEqual(tree);
});

test("anything else becomes something JSON can hold", () => {
  const loop: Record<string, unknown> = {
    big: 1n,
    date: new Date(0),
    map: new Map(),
    list: [undefined, () => undefined],
    none: undefined,
  };
  loop["self"] = loop;
  loop["url"] = new URL("https://me:pw@host/");
  expect(redactConfig(loop)).toEqual({
    big: "1",
    date: "1970-01-01T00:00:00.000Z",
    map: "[Map]",
    list: [null, "[class (unnamed)]"],
    self: "[circular]",
    url: "https://***@host/",
  });
  expect(redactConfig(undefined)).toBeNull();
});

test("a prototype key in a free object stays a plain key", () => {
  const tree = redactConfig(JSON.parse('{"__proto__":{"polluted":1}}'));
  expect(Object.getPrototypeOf(tree)).toBe(Object.prototype);
  expect(flattenParams(tree)).toEqual(JSON.parse('{"__proto__.polluted":1}'));
  expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
});

test("params are flat", () => {
  const params = flattenParams({ a: { b: { c: 1, d: null }, e: [1, { f: "x" }] }, g: true, h: "text", i: {}, j: [] });
  expect(params).toEqual({ "a.b.c": 1, "a.b.d": null, "a.e": '[1,{"f":"x"}]', g: true, h: "text", i: "{}", j: "[]" });
});

test("config.yaml is the redacted config, and reads back as it", async () => {
  const config = resolveConfig(
    { maxEpochs: 1, hooks: { hookClasses: ["./a.js#Own"], hookConfigs: { Own: { token: "hunter2" } } } },
    { env: {} },
  );
  const text = await configYaml(config);
  expect(text).not.toContain("hunter2");
  expect(parse(text)).toEqual(redactConfig(config));
});
