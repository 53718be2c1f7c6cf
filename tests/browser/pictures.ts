/** Images that look different when they are turned, mirrored or have other colours. */
import type { ImageData } from "../../src/contract/index.js";

const LETTER = ["########", "#.......", "#.......", "#####...", "#.......", "#.......", "#......."];
const CELL = 8;

/** A white F on black, in shades of grey. */
export function letter(): ImageData {
  return picture(10 * CELL, 9 * CELL, 1, (x, y) => [
    LETTER[Math.floor(y / CELL) - 1]?.[Math.floor(x / CELL) - 1] === "#" ? 255 : 0,
  ]);
}

/** A blue sky that is darker at the top, a red sun on the right, and grass. */
export function landscape(): ImageData {
  return picture(160, 100, 3, (x, y) => {
    if (Math.hypot(x - 125, y - 28) < 15) return [230, 40, 30];
    if (y > 65 + 8 * Math.sin(x / 20)) return [50, 150, 60];
    return [60 + y, 120 + y, 235];
  });
}

/** An orange ring on a transparent ground. */
export function ring(): ImageData {
  return picture(96, 96, 4, (x, y) => {
    const inside = Math.abs(Math.hypot(x - 47.5, y - 47.5) - 32) < 10;
    return [250, 150, 20, inside ? 255 : 0];
  });
}

function picture(width: number, height: number, channels: 1 | 3 | 4, colour: (x: number, y: number) => number[]): ImageData {
  const data = new Uint8Array(width * height * channels);
  for (let pixel = 0; pixel < width * height; pixel += 1) {
    data.set(colour(pixel % width, Math.floor(pixel / width)), pixel * channels);
  }
  return { width, height, channels, data };
}
