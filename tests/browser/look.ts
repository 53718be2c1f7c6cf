/** What a page shows, by functions that run in it, also in the shadow roots of TensorBoard's older tabs. */
import type { Locator } from "playwright-core";

/** The used part of the browser's types, which a project for Node does not have. */
interface Drawing {
  drawImage(source: Picture, ...numbers: number[]): void;
  getImageData(x: number, y: number, width: number, height: number): { data: Uint8ClampedArray };
}
interface Picture {
  readonly complete?: boolean;
  readonly naturalWidth: number;
  readonly naturalHeight: number;
  readonly ownerDocument: {
    createElement(name: "canvas"): { width: number; height: number; getContext(kind: "2d"): Drawing };
    readonly defaultView: { requestAnimationFrame(then: () => void): void };
  };
}
interface Shape {
  getAttribute(name: string): string | null;
}

/** Width and height of an <img>, 0 until it is loaded. */
export function sizeOf(image: Locator): Promise<[number, number]> {
  return image.evaluate(({ naturalWidth, naturalHeight }: Picture) => [naturalWidth, naturalHeight]);
}

/** Red, green, blue and opacity of a pixel of an <img>. */
export function pixelOf(image: Locator, x: number, y: number): Promise<number[]> {
  return image.evaluate(
    (picture: Picture, at) => {
      const canvas = picture.ownerDocument.createElement("canvas");
      [canvas.width, canvas.height] = [picture.naturalWidth, picture.naturalHeight];
      const drawing = canvas.getContext("2d");
      drawing.drawImage(picture, 0, 0);
      return [...drawing.getImageData(at.x, at.y, 1, 1).data];
    },
    { x, y },
  );
}

/** The share of the pixels of a <canvas> that are neither white nor transparent. */
export function paintedShare(canvas: Locator): Promise<number> {
  return canvas.evaluate((picture: Picture) => {
    const side = 200;
    const copy = picture.ownerDocument.createElement("canvas");
    [copy.width, copy.height] = [side, side];
    const drawing = copy.getContext("2d");
    return new Promise<number>((resolve) => {
      // A WebGL drawing can be read only until the end of its frame.
      picture.ownerDocument.defaultView.requestAnimationFrame(() => {
        drawing.drawImage(picture, 0, 0, side, side);
        const { data } = drawing.getImageData(0, 0, side, side);
        let painted = 0;
        for (let at = 0; at < data.length; at += 4) {
          const white = (data[at] ?? 0) + (data[at + 1] ?? 0) + (data[at + 2] ?? 0) > 740;
          if (!white && (data[at + 3] ?? 0) > 0) painted += 1;
        }
        resolve(painted / (side * side));
      });
    });
  });
}

/** The heights of the corners of each <path>, upwards: those of a curve are the points that it was drawn from. */
export async function heightsOf(paths: Locator): Promise<number[][]> {
  const drawn = await paths.evaluateAll((shapes: Shape[]) => shapes.map((shape) => shape.getAttribute("d") ?? ""));
  return drawn.map((path) => [...path.matchAll(/[ML]?[-\d.e]+,([-\d.e]+)/g)].map(([, down]) => -Number(down)));
}
