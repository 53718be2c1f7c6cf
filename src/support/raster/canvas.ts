import type { ImageData } from "../../contract/index.js";
import { drawable, GLYPH_HEIGHT, GLYPH_WIDTH, glyphRow } from "./font.js";

/** Red, green and blue, 0..255. */
export type Colour = readonly [number, number, number];

interface TextStyle {
  colour: Colour;
  /** The side of one of the font's pixels, in pixels. An integer. */
  scale: number;
  /** Writes from the bottom up instead of from left to right. @default false */
  upwards?: boolean | undefined;
}

/** An image to draw on, white at first. Pixels outside of it are ignored. */
export class Canvas {
  /** In pixels, as is `height`. */
  readonly width: number;
  readonly height: number;
  readonly #pixels: Uint8Array<ArrayBuffer>;

  constructor(width: number, height: number) {
    this.width = width;
    this.height = height;
    this.#pixels = new Uint8Array(width * height * 3).fill(255);
  }

  /** Paints a pixel; with an `opacity` below 1 the earlier colour shows through. */
  blend(x: number, y: number, colour: Colour, opacity: number): void {
    if (x < 0 || y < 0 || x >= this.width || y >= this.height) return;
    const at = (y * this.width + x) * 3;
    for (let channel = 0; channel < 3; channel += 1) {
      const before = this.#pixels[at + channel] as number;
      this.#pixels[at + channel] = Math.round(before + ((colour[channel] as number) - before) * opacity);
    }
  }

  /** Fills a rectangle. */
  fill(left: number, top: number, width: number, height: number, colour: Colour): void {
    for (let y = top; y < top + height; y += 1) {
      for (let x = left; x < left + width; x += 1) this.blend(x, y, colour, 1);
    }
  }

  /** Draws a disc with a smooth edge; the centre may be between pixels. */
  disc(centreX: number, centreY: number, radius: number, colour: Colour, opacity: number): void {
    const reach = radius + 1;
    for (let y = Math.ceil(centreY - reach); y <= centreY + reach; y += 1) {
      for (let x = Math.ceil(centreX - reach); x <= centreX + reach; x += 1) {
        const cover = radius + 0.5 - Math.hypot(x - centreX, y - centreY);
        if (cover > 0) this.blend(x, y, colour, Math.min(1, cover) * opacity);
      }
    }
  }

  /** Draws a dashed line. */
  dashes(fromX: number, fromY: number, toX: number, toY: number, colour: Colour, scale = 1): void {
    const length = Math.hypot(toX - fromX, toY - fromY);
    for (let at = 0; at <= length; at += 0.5) {
      if (at % (12 * scale) >= 7 * scale) continue;
      const part = length === 0 ? 0 : at / length;
      this.disc(fromX + (toX - fromX) * part, fromY + (toY - fromY) * part, 0.6 * scale, colour, 0.5);
    }
  }

  /** Draws text whose first character has its upper left corner at (left, top); upwards, its lower left corner. */
  text(text: string, left: number, top: number, { colour, scale, upwards = false }: TextStyle): void {
    const characters = drawable(text);
    for (let index = 0; index < characters.length; index += 1) {
      const code = characters.charCodeAt(index);
      for (let row = 0; row < GLYPH_HEIGHT; row += 1) {
        const bits = glyphRow(code, row);
        for (let column = 0; column < GLYPH_WIDTH; column += 1) {
          if ((bits & (32 >> column)) === 0) continue;
          const along = (index * GLYPH_WIDTH + column) * scale;
          const across = row * scale;
          if (upwards) this.fill(left + across, top - along - scale, scale, scale, colour);
          else this.fill(left + along, top + across, scale, scale, colour);
        }
      }
    }
  }

  /** The pixels. */
  image(): ImageData {
    return { width: this.width, height: this.height, channels: 3, data: this.#pixels };
  }
}

/** The length of a text along its line, in pixels. */
export function textWidth(text: string, scale: number): number {
  return drawable(text).length * GLYPH_WIDTH * scale;
}

/** The text, or its beginning and "..." where it is longer than `pixels`. */
export function fitText(text: string, pixels: number, scale: number): string {
  const characters = drawable(text);
  const room = Math.floor(pixels / (GLYPH_WIDTH * scale));
  if (characters.length <= room) return characters;
  return room < 4 ? "" : `${characters.slice(0, room - 3)}...`;
}
