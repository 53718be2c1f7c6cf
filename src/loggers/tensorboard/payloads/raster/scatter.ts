/**
 * A scatter plot as pixels, without a browser: axes with round marks, a grid, labels in a built-in font, points that are darker
 * where they overlap, and, for predictions against targets, the line on which both are equal.
 */
import type { ImageData, ScatterAxes, TypedArray } from "../../../../contract/index.js";
import { TrainscopeError } from "../../../../support/errors.js";
import { aFlag, aText, checkedOptions, optional, type OptionRules } from "../../../../support/option-keys.js";
import { unchecked } from "../option-checks.js";
import { fitText, textWidth, type Colour } from "../../../../support/raster/canvas.js";
import { GLYPH_HEIGHT } from "../../../../support/raster/font.js";
import { frameOf, GAP, MARK, placed, type Frame, type RasterOptions } from "./frame.js";
import { collectPoints, type Points } from "./points.js";

/** What `SummaryWriter.addScatter` takes beside the points. */
export interface ScatterOptions extends ScatterAxes {
  /** Seconds since 1970 at which the points were computed. @default now */
  wallTime?: number | undefined;
}

const RULES: OptionRules<ScatterOptions, ScatterOptions> = {
  xLabel: optional(aText),
  yLabel: optional(aText),
  oneToOne: optional(aFlag),
  wallTime: optional(unchecked),
};

/** The options, checked but for the time. Throws `ERR_CONFIG`. */
export function scatterOptions(options: ScatterOptions): ScatterOptions {
  return checkedOptions<ScatterOptions, ScatterOptions>(options, RULES, "addScatter");
}

const INK: Colour = [38, 38, 38];
const MUTED: Colour = [105, 105, 105];
const GRID: Colour = [228, 228, 228];
const POINTS: Colour = [31, 100, 180];
const EQUAL: Colour = [205, 50, 40];
const SMALLEST_SIDE = 160;
const LARGEST_SIDE = 8192;

/**
 * The image of the points (x, y). Points that are not finite are left out, and the image says how many.
 * Throws `ERR_METRIC_VALUE` where x and y have different lengths, or for an impossible size.
 */
export function rasterScatter(x: TypedArray, y: TypedArray, options: RasterOptions = {}): ImageData {
  const { width = 560, height = 420 } = options;
  checkSize(x, y, width, height);
  const points = collectPoints(x, y);
  const frame = frameOf(points, width, height, options);
  drawAxes(frame);
  if (options.oneToOne === true) drawEqualLine(frame);
  drawPoints(frame, points);
  drawTexts(frame, points, options);
  return frame.canvas.image();
}

function checkSize(x: TypedArray, y: TypedArray, width: number, height: number): void {
  const refuse = (message: string): never => {
    throw new TrainscopeError("ERR_METRIC_VALUE", message);
  };
  if (x.length !== y.length) refuse(`A scatter has ${x.length} x and ${y.length} y. Give one y for each x.`);
  for (const side of [width, height]) {
    if (Number.isInteger(side) && side >= SMALLEST_SIDE && side <= LARGEST_SIDE) continue;
    refuse(
      `A scatter of ${width} x ${height} pixels cannot be drawn. Allowed: sides of ${SMALLEST_SIDE} to ${LARGEST_SIDE} pixels.`,
    );
  }
}

function drawAxes({ canvas, scale, left, top, right, bottom, x, y, xTicks, yTicks }: Frame): void {
  for (const { value, label } of xTicks) {
    const at = Math.round(placed(value, x, left, right));
    canvas.fill(at, top, scale, bottom - top, GRID);
    canvas.fill(at, bottom, scale, MARK, INK);
    canvas.text(label, Math.round(at - textWidth(label, scale) / 2), bottom + MARK + 2, { colour: INK, scale });
  }
  for (const { value, label } of yTicks) {
    const at = Math.round(placed(value, y, bottom, top));
    canvas.fill(left, at, right - left, scale, GRID);
    canvas.fill(left - MARK, at, MARK, scale, INK);
    const labelTop = at - Math.floor((GLYPH_HEIGHT * scale) / 2);
    canvas.text(label, left - MARK - GAP / 2 - textWidth(label, scale), labelTop, { colour: INK, scale });
  }
  canvas.fill(left, top, scale, bottom - top + scale, INK);
  canvas.fill(left, bottom, right - left, scale, INK);
}

function drawEqualLine({ canvas, scale, left, top, right, bottom }: Frame): void {
  canvas.dashes(left, bottom, right, top, EQUAL, scale);
}

/** Few points are large; many are small and transparent, so that dense places are darker. */
function drawPoints({ canvas, scale, left, top, right, bottom, x, y }: Frame, { xs, ys }: Points): void {
  const count = xs.length;
  const radius = scale * (count <= 300 ? 3 : count <= 3000 ? 2 : 1.2);
  const opacity = count <= 300 ? 0.75 : count <= 3000 ? 0.5 : Math.max(0.12, Math.min(0.4, 4000 / count));
  for (let index = 0; index < count; index += 1) {
    const across = placed(xs[index] as number, x, left, right);
    const down = placed(ys[index] as number, y, bottom, top);
    if (count <= 20_000) canvas.disc(across, down, radius, POINTS, opacity);
    else canvas.blend(Math.round(across), Math.round(down), POINTS, opacity);
  }
}

function drawTexts({ canvas, scale, left, top, right, bottom }: Frame, points: Points, options: RasterOptions): void {
  const line = GLYPH_HEIGHT * scale;
  const lowest = canvas.height - GAP - line + 2;
  const count = countText(points);
  const countLeft = canvas.width - GAP - textWidth(count, scale);
  canvas.text(count, countLeft, lowest, { colour: MUTED, scale });
  if (options.xLabel !== undefined) {
    const label = fitText(options.xLabel, countLeft - left - GAP, scale);
    const centred = (left + right - textWidth(label, scale)) / 2;
    const start = Math.min(centred, countLeft - 2 * GAP - textWidth(label, scale));
    canvas.text(label, Math.round(start), lowest, { colour: INK, scale });
  }
  if (options.yLabel !== undefined) {
    const label = fitText(options.yLabel, bottom - top, scale);
    const start = Math.round((top + bottom + textWidth(label, scale)) / 2);
    canvas.text(label, GAP, start, { colour: INK, scale, upwards: true });
  }
  const legend = options.oneToOne === true ? "- - y = x" : "";
  canvas.text(legend, left + 2 * GAP, top + GAP, { colour: EQUAL, scale });
  if (options.title === undefined) return;
  const title = fitText(options.title, canvas.width - 2 * GAP, scale);
  const start = Math.round((left + right - textWidth(title, scale)) / 2);
  canvas.text(title, Math.max(GAP, Math.min(start, canvas.width - GAP - textWidth(title, scale))), GAP, { colour: INK, scale });
}

function countText({ xs, leftOut }: Points): string {
  const drawn = xs.length === 1 ? "1 point" : `${xs.length.toLocaleString("en")} points`;
  return leftOut === 0 ? drawn : `${drawn}, ${leftOut.toLocaleString("en")} not finite`;
}
