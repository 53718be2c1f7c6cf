import fc from "fast-check";
import { expect, test } from "vitest";
import { foldText } from "./fold-text.js";
import { firstCharacter, textWidth } from "./text-width.js";

test.each([
  { name: "a line that fits", text: "a  b", width: 4, lines: ["a  b"] },
  { name: "between words", text: "no accelerator metrics", width: 14, lines: ["no accelerator", "metrics"] },
  {
    name: "a path after its separators",
    text: "in /home/me/runs/digits",
    width: 10,
    lines: ["in", "/home/me/", "runs/", "digits"],
  },
  { name: "an address after its separators", text: "http://host/x?a=1&b=2", width: 12, lines: ["http://host/", "x?a=1&b=2"] },
  { name: "a word without one where the line ends", text: "abcdefgh", width: 3, lines: ["abc", "def", "gh"] },
  { name: "wide characters by their cells", text: "学習学習", width: 5, lines: ["学習", "学習"] },
  { name: "a character that is wider than a line", text: "学a", width: 1, lines: ["学", "a"] },
])("$name", ({ text, width, lines }) => {
  expect(foldText(text, width)).toEqual(lines);
});

test("the first line may have another width", () => {
  expect(foldText("one two three", 9, 4)).toEqual(["one", "two three"]);
});

test("no line is too wide, and nothing but spaces is lost", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), fc.integer({ min: 2, max: 30 }), (text, width) => {
      const lines = foldText(text, width);
      expect(lines.join("").replaceAll(/\s/g, "")).toBe(text.replaceAll(/\s/g, ""));
      // A single character of many parts may be wider: it cannot be broken.
      for (const line of lines) if (firstCharacter(line) !== line) expect(textWidth(line)).toBeLessThanOrEqual(width);
    }),
  );
});
