import { expect, test } from "vitest";
import type { ImageData } from "../../contract/index.js";
import { Canvas, fitText } from "./canvas.js";

/** Characters for pixels: " " white, "#" anything darker. */
function sketch({ width, height, data }: ImageData, left = 0, top = 0, columns = width, rows = height): string[] {
  return Array.from({ length: rows }, (_, row) =>
    Array.from({ length: columns }, (_pixel, column) => (data[((top + row) * width + left + column) * 3] === 255 ? " " : "#"))
      .join("")
      .trimEnd(),
  );
}

test("text is drawn as it reads, and turned a quarter when upwards", () => {
  const style = { colour: [0, 0, 0] as const, scale: 1 };
  const flat = new Canvas(12, 13);
  flat.text("L7", 0, 0, style);
  expect(sketch(flat.image())).toMatchInlineSnapshot(`
    [
      "",
      "",
      "#     #####",
      "#         #",
      "#        #",
      "#        #",
      "#       #",
      "#       #",
      "#      #",
      "#      #",
      "#####  #",
      "",
      "",
    ]
  `);
  const upright = new Canvas(13, 12);
  upright.text("L7", 0, 12, { ...style, upwards: true });
  const turned = sketch(upright.image()).map((row) => row.padEnd(13));
  const back = Array.from({ length: 13 }, (_, row) =>
    Array.from({ length: 12 }, (_pixel, column) => turned[11 - column]?.[row])
      .join("")
      .trimEnd(),
  );
  expect(back).toEqual(sketch(flat.image()));
});

test("a long text ends in dots, accents are dropped, other scripts are marked", () => {
  expect(fitText("prediction", 36, 1)).toBe("pre...");
  expect(fitText("crème 中", 600, 1)).toBe("creme ?");
  expect(fitText("no room", 12, 1)).toBe("");
});
