import { expect, test } from "vitest";
import type { ImageData } from "../../contract/index.js";
import { imageGrid } from "./image-grid.js";

const grey = (data: ImageData["data"], width = data.length): ImageData => ({ width, height: 1, channels: 1, data });

/** Rows of grey values; "." is what lies between images. */
function sketch(grid: ImageData | null): string[] {
  const { width = 0, height = 0, data = new Uint8Array() } = grid ?? {};
  return Array.from({ length: height }, (_, row) =>
    Array.from(data.subarray(row * width, (row + 1) * width), (value) => (value === 200 ? "." : String(value))).join(" "),
  );
}

test("images stand in rows, as square as may be", () => {
  expect(sketch(imageGrid([1, 2, 3].map((value) => grey(Uint8Array.of(value)))))).toEqual([
    ". . . . . . . .",
    ". . . . . . . .",
    ". . 1 . . 2 . .",
    ". . . . . . . .",
    ". . . . . . . .",
    ". . 3 . . . . .",
    ". . . . . . . .",
    ". . . . . . . .",
  ]);
});

test("colours keep their channels, rows their order", () => {
  const data = Uint8Array.from({ length: 2 * 2 * 3 }, (_, index) => index);
  const grid = imageGrid([{ width: 2, height: 2, channels: 3, data }]) as ImageData;
  expect([grid.width, grid.height, grid.channels]).toEqual([6, 6, 3]);
  expect([...grid.data.subarray((2 * 6 + 2) * 3, (2 * 6 + 4) * 3)]).toEqual([0, 1, 2, 3, 4, 5]);
  expect([...grid.data.subarray((3 * 6 + 2) * 3, (3 * 6 + 4) * 3)]).toEqual([6, 7, 8, 9, 10, 11]);
});

test.each([
  { name: "brightness", values: [0, 0.5, 1], bytes: [0, 128, 255] },
  { name: "a range that is none is made to fit", values: [-1, 0, 1], bytes: [0, 128, 255] },
  { name: "so is one of bytes", values: [0, 51, 255], bytes: [0, 51, 255] },
  { name: "NaN is black, infinities are the ends", values: [NaN, -Infinity, Infinity, 0.2], bytes: [0, 0, 255, 51] },
])("floats: $name", ({ values, bytes }) => {
  const grid = imageGrid([grey(Float32Array.from(values))]) as ImageData;
  expect([...grid.data.subarray(2 * grid.width + 2, 2 * grid.width + 2 + bytes.length)]).toEqual(bytes);
});

test.each([
  { name: "bytes", data: Uint8ClampedArray.of(0, 51, 255), bytes: [0, 51, 255] },
  { name: "32 bits with the range of bytes", data: Int32Array.of(0, 1, 255), bytes: [0, 1, 255] },
  { name: "16 bits are made to fit", data: Uint16Array.of(0, 257 * 51, 65_535), bytes: [0, 51, 255] },
  { name: "so are negative ones", data: Int16Array.of(-255, 0, 255), bytes: [0, 128, 255] },
])("integers: $name", ({ data, bytes }) => {
  const grid = imageGrid([grey(data)]) as ImageData;
  expect([...grid.data.subarray(2 * grid.width + 2, 2 * grid.width + 2 + bytes.length)]).toEqual(bytes);
});

test("images of another size, or that are none, are left out", () => {
  const odd = [grey(Uint8Array.of(1)), grey(Uint8Array.of(1, 2)), { ...grey(Uint8Array.of(4)), data: new Uint8Array(7) }];
  expect(imageGrid(odd)?.width).toBe(5);
  expect(imageGrid([])).toBeNull();
  expect(imageGrid([{ width: 1, height: 1, channels: 1, data: new Uint8Array(2) }])).toBeNull();
});
