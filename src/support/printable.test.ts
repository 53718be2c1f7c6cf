import { expect, test } from "vitest";
import { printable, printableJson, printableLines } from "./printable.js";

test.each([
  { name: "plain text", text: "épreuve 3 – 学習 – 🙂 a\\b", shown: "épreuve 3 – 学習 – 🙂 a\\b" },
  { name: "an escape sequence", text: "\u001b]0;owned\u0007", shown: "\\x1b]0;owned\\x07" },
  { name: "the one-byte forms of escape sequences", text: "\u009b2J\u0085", shown: "\\x9b2J\\x85" },
  { name: "what moves the cursor or deletes", text: "a\rb\bc\u007f", shown: "a\\rb\\x08c\\x7f" },
  { name: "lines and tabs", text: "a\nb\tc\u2028d\u2029e", shown: "a\\nb\\tc\\u2028d\\u2029e" },
  { name: "direction", text: "\u202egpj.exe\u2066\u200f", shown: "\\u202egpj.exe\\u2066\\u200f" },
  { name: "half a surrogate pair", text: "\ud83d a \ude42", shown: "\\ud83d a \\ude42" },
  { name: "a NUL", text: "a\0b", shown: "a\\x00b" },
])("$name", ({ text, shown }) => {
  expect(printable(text)).toBe(shown);
  expect(printable(shown)).toBe(shown);
});

test("lines of ours stay lines", () => {
  expect(printableLines("one \u001b[31m\ntwo\r\nthree")).toBe("one \\x1b[31m\ntwo\\r\nthree");
});

test("JSON stays JSON", () => {
  const value = { "a\u009b": ["\u202e\n", 1, "\ud83d", "\u001b"] };
  const text = printableJson(value);
  expect(text).toBe('{\n  "a\\u009b": [\n    "\\u202e\\n",\n    1,\n    "\\ud83d",\n    "\\u001b"\n  ]\n}');
  expect(JSON.parse(text)).toEqual(value);
});
