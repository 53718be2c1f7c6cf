import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { ERROR_CODES, isTrainscopeError, messageOf, stackOf, TrainscopeError } from "./errors.js";

/** The doc comment of each code, as one line. */
function documented(): Record<string, string> {
  const source = readFileSync(new URL("../contract/error-codes.ts", import.meta.url), "utf8");
  const body = source.slice(source.indexOf("{"));
  const entries = [...body.matchAll(/\/\*\*((?:(?!\*\/)[^])*)\*\/\s*(ERR_\w+): true;/g)];
  return Object.fromEntries(entries.map(([, comment = "", code = ""]) => [code, comment.replace(/\s*\n\s*\* ?/g, " ").trim()]));
}

test("the docs of the codes and ERROR_CODES say the same", () => expect(documented()).toEqual(ERROR_CODES));

test("an error of this package is known by its name and code, whichever copy threw it", () => {
  expect(isTrainscopeError(new TrainscopeError("ERR_HOOK", "It threw."))).toBe(true);
  expect(isTrainscopeError(Object.assign(new Error("x"), { name: "TrainscopeError", code: "ERR_HOOK" }))).toBe(true);
  expect(isTrainscopeError(new Error("ERR_HOOK"))).toBe(false);
});

function withField(target: object, key: string, value: unknown): object {
  return Object.defineProperty(target, key, { value, enumerable: true });
}

function withThrowing(target: object, key: string): object {
  const get = (): never => {
    throw new Error("no access");
  };
  return Object.defineProperty(target, key, { get, enumerable: true });
}

function revoked(target: object): unknown {
  const { proxy, revoke } = Proxy.revocable(target, {});
  revoke();
  return proxy;
}

test.each([
  { what: "an error", thrown: new Error("broken"), text: "broken" },
  { what: "a string", thrown: "broken", text: "broken" },
  { what: "what has no text", thrown: Object.create(null) as unknown, text: "an object without keys" },
  { what: "an object", thrown: { status: 500 }, text: "an object with the key status" },
  { what: "an object with a message", thrown: { message: "broken" }, text: "broken" },
  { what: "an object with a text", thrown: new URL("https://host/x"), text: "https://host/x" },
  { what: "nothing", thrown: undefined, text: "undefined" },
  { what: "an empty string", thrown: "", text: '""' },
  { what: "a symbol", thrown: Symbol("s"), text: "Symbol(s)" },
  { what: "a bigint", thrown: 10n, text: "10" },
  { what: "an error without a message", thrown: new RangeError(), text: "RangeError" },
  { what: "an error whose message is a number", thrown: withField(new Error("x"), "message", 5), text: "5" },
  { what: "an error whose message is an object", thrown: withField(new Error("x"), "message", { code: 1 }), text: "an Error" },
  {
    what: "several errors without a message",
    thrown: new AggregateError(["a", "b", "c", "d"].map((text) => new Error(text))),
    text: "a; b; c and 1 more",
  },
  { what: "several errors without any", thrown: new AggregateError([]), text: "AggregateError" },
  { what: "an error whose message throws", thrown: withThrowing(new Error("x"), "message"), text: "an Error" },
  { what: "an error whose name throws", thrown: withThrowing(new Error("broken"), "name"), text: "broken" },
  { what: "an object whose toString throws", thrown: withThrowing({}, "toString"), text: "an object with the key toString" },
  {
    what: "one whose parts throw",
    thrown: new AggregateError([withThrowing(new Error("x"), "message")]),
    text: "an AggregateError",
  },
  { what: "a revoked proxy", thrown: revoked({}), text: "an object that cannot be read" },
  { what: "a revoked error", thrown: revoked(new Error("x")), text: "an object that cannot be read" },
  { what: "a revoked function", thrown: revoked(() => 1), text: "a function that cannot be read" },
  { what: "one of ours", thrown: new TrainscopeError("ERR_STEP", "It threw."), text: "It threw." },
  {
    what: "one of ours with a place",
    thrown: new TrainscopeError("ERR_STEP", "It threw.", { path: "step 3" }),
    text: "At step 3: It threw.",
  },
])("the message of $what is its text, without a code", ({ thrown, text }) => {
  expect(messageOf(thrown)).toBe(text);
  expect(stackOf(thrown)).not.toBe("");
});

test.each([
  { what: "an error", thrown: new Error("broken"), text: "errors.test" },
  { what: "an error without a stack", thrown: withField(new Error("broken"), "stack", undefined), text: "broken" },
  { what: "one whose stack throws", thrown: withThrowing(new Error("broken"), "stack"), text: "broken" },
  { what: "what is no error", thrown: "broken", text: "broken" },
])("the stack of $what", ({ thrown, text }) => expect(stackOf(thrown)).toContain(text));

test("no value is taken for an error of this package by throwing", () => {
  for (const thrown of [revoked({}), withThrowing(new Error("x"), "name"), null]) expect(isTrainscopeError(thrown)).toBe(false);
});
