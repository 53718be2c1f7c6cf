import { expect, test } from "vitest";
import { cutToWidth, padToWidth, startOfWidth, textWidth } from "./text-width.js";

test.each([
  ["", 0],
  ["loss 0.5 – größe", 16],
  ["학습 学習 ｆ １ ｶ", 17],
  ["e\u0301\u0300 \u0627\u064b", 3],
  ["🧪 🙂 ⌚", 8],
  ["☃ \u2603\ufe0f", 4],
  ["🇩🇪", 2],
  ["a\u200db\u00adc", 3],
  ["\u{20000}\u{3fffd}", 4],
  ["👩‍🔬", 4],
])("%s takes %d cells", (text, width) => {
  expect(textWidth(text)).toBe(width);
});

test("padded and cut by cells; no character is split", () => {
  expect(padToWidth("学習", 6)).toBe("学習  ");
  expect(padToWidth("学習", 6, "start")).toBe("  学習");
  expect(padToWidth("学習", 2)).toBe("学習");
  expect(cutToWidth("学習学習", 8)).toBe("学習学習");
  expect(cutToWidth("学習学習", 7)).toBe("学習学…");
  expect(cutToWidth("学習学習", 6)).toBe("学習…");
  expect(cutToWidth("abc", 1)).toBe("…");
  expect(cutToWidth("abc", 0)).toBe("");
  expect(startOfWidth("a👩‍🔬b", 4)).toBe("a");
  expect(startOfWidth("e\u0301e\u0301", 1)).toBe("e\u0301");
});
