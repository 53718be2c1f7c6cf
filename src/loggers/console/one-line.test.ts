import { expect, test } from "vitest";
import { oneLine } from "./one-line.js";

test("one line, whatever it holds", () => {
  expect(oneLine("a\r\n  b\tc\u009b1m")).toBe("a ⏎ b�c�1m");
  expect(oneLine("x".repeat(400))).toBe(`${"x".repeat(299)}…`);
});
