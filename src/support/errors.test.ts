import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { ERROR_CODES, isTrainscopeError, messageOf, TrainscopeError } from "./errors.js";

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

test.each([
  { what: "an error", thrown: new Error("broken"), text: "broken" },
  { what: "a string", thrown: "broken", text: "broken" },
  { what: "what has no text", thrown: Object.create(null) as unknown, text: "an object that has no text" },
  { what: "one of ours", thrown: new TrainscopeError("ERR_STEP", "It threw."), text: "It threw." },
  {
    what: "one of ours with a place",
    thrown: new TrainscopeError("ERR_STEP", "It threw.", { path: "step 3" }),
    text: "At step 3: It threw.",
  },
])("the message of $what carries no code", ({ thrown, text }) => expect(messageOf(thrown)).toBe(text));
