import { expect, test } from "vitest";
import { indentedLines, oneLine } from "./one-line.js";

test("one line, whatever it holds", () => {
  expect(oneLine("a\r\n  b\tc\u009b1m\u202e")).toBe("a ⏎ b\\tc\\x9b1m\\u202e");
  expect(oneLine("x".repeat(400))).toBe(`${"x".repeat(299)}…`);
  expect(oneLine(`a${" ".repeat(1_000_000)}\nb`)).toHaveLength(300);
});

test("lines stay lines, and cannot pass for records of their own", () => {
  expect(indentedLines("one\ntwo\r\n\u001b[31mthree\n")).toBe("one\n  two\n  \\x1b[31mthree");
  expect(indentedLines("x\n".repeat(1000)).split("\n")).toHaveLength(21);
});
