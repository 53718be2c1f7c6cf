import type { ImageData } from "../../contract/index.js";
import { isFloatPixels } from "../../support/pixels.js";

const GAP = 2;
/** Light grey, which differs from black and from white images. */
const BETWEEN = 200;

/**
 * Images in rows on one picture, as close to a square as possible. Those that differ from the first in size or channels are left out.
 * Where floats are outside of 0..1, or integers outside of 0..255, the range of all of them is scaled to fit. Null where there is no image.
 */
export function imageGrid(images: readonly ImageData[]): ImageData | null {
  const [first] = images;
  if (first === undefined) return null;
  const alike = images.filter((image) => isLike(image, first));
  if (alike.length === 0) return null;
  const { width, height, channels } = first;
  const columns = Math.ceil(Math.sqrt(alike.length));
  const rows = Math.ceil(alike.length / columns);
  const size = { width: columns * (width + GAP) + GAP, height: rows * (height + GAP) + GAP };
  const grid: ImageData = { ...size, channels, data: new Uint8Array(size.width * size.height * channels).fill(BETWEEN) };
  const floats = alike.filter(({ data }) => isFloatPixels(data));
  const integers = alike.filter(({ data }) => !isFloatPixels(data) && !(data instanceof Uint8Array));
  const [ofFloats, ofIntegers] = [brightnessOf(floats, 1), brightnessOf(integers, 255)];
  alike.forEach((image, index) => {
    const left = GAP + (index % columns) * (width + GAP);
    const top = GAP + Math.floor(index / columns) * (height + GAP);
    place(grid, image, left, top, isFloatPixels(image.data) ? ofFloats : ofIntegers);
  });
  return grid;
}

function isLike({ width, height, channels, data }: ImageData, first: ImageData): boolean {
  const whole = data.length === width * height * channels;
  return whole && width === first.width && height === first.height && channels === first.channels;
}

/** From a value to 0..255. */
type Brightness = (value: number) => number;

/** Of floats, or of integers: `full` is the value that is white where none is greater. */
function brightnessOf(images: readonly ImageData[], full: number): Brightness {
  let least = 0;
  let greatest = full;
  for (const { data } of images) {
    for (const value of data) {
      if (value < least && value > -Infinity) least = value;
      else if (value > greatest && value < Infinity) greatest = value;
    }
  }
  return (value) => ((value - least) / (greatest - least)) * 255;
}

function place(grid: ImageData, { width, height, channels, data }: ImageData, left: number, top: number, to: Brightness): void {
  const stride = width * channels;
  for (let row = 0; row < height; row += 1) {
    const pixels = data.subarray(row * stride, (row + 1) * stride);
    const bytes = pixels instanceof Uint8Array ? pixels : Uint8ClampedArray.from(pixels, to); // clamps and rounds; NaN is 0
    grid.data.set(bytes, ((top + row) * grid.width + left) * channels);
  }
}
