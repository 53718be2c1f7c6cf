import { expect, it } from "vitest";
import { nextFileName } from "./file-name.js";

const parts = { nowSeconds: 1_700_000_000.9, hostname: "box", pid: 12, count: 3 };

it.each([
  ["an empty directory", [], "events.out.tfevents.1700000000.box.12.3"],
  ["an older file", ["events.out.tfevents.1600000000.box.1.0"], "events.out.tfevents.1700000000.box.12.3"],
  ["a file of the same second", ["events.out.tfevents.1700000000.zoo.99.9"], "events.out.tfevents.1700000001.box.12.3"],
  ["a clock that was set back", ["events.out.tfevents.1800000000.box.1.0.v2"], "events.out.tfevents.1800000001.box.12.3"],
  ["other names", ["notes.txt", "x.tfevents"], "events.out.tfevents.1700000000.box.12.3"],
])("in %s", (_, existing, expected) => {
  const name = nextFileName(existing, parts);
  expect(name).toBe(expected);
  expect([...existing.filter((other) => other.startsWith("events")), name].sort().at(-1)).toBe(name);
});

it("replaces what a file name cannot contain", () => {
  expect(nextFileName([], { ...parts, hostname: "a/b c" })).toBe("events.out.tfevents.1700000000.a_b_c.12.3");
  expect(nextFileName([], { ...parts, hostname: "" })).toBe("events.out.tfevents.1700000000.localhost.12.3");
});
