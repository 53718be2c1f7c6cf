/**
 * A scatter plot as pixels, without a browser: axes with round marks, a grid, labels in a built-in font, points that are darker
 * where they overlap, and, for predictions against targets, the line on which both are equal.
 */
import type { ImageData, ScatterAxes, TypedArray } from "../../../../contract/index.js";
import { TrainscopeError } from "../../../../support/errors.js";
import { keysOf } from "../known-keys.js";
import { Canvas, fitText, textWidth, type Colour } from "./canvas.js";
import { GLYPH_HEIGHT } from "./font.js";
import { collectPoints, paddedRange, type Points, type Range } from "./points.js";
import { ticksOf, type Tick } from "./ticks.js";

/** What `SummaryWriter.addScatter` takes beside the points. */
export interface ScatterOptions extends ScatterAxes {
  /** Seconds since 1970 at which the points were computed. @default now */
  wallTime?: number | undefined;
}

/** The keys of `ScatterOptions`. */
export const SCATTER_KEYS: readonly string[] = keysOf<ScatterOptions>({
  xLabel: true,
  yLabel: true,
  oneToOne: true,
  wallTime: true,
});

interface RasterOptions extends ScatterAxes {
  /** Pixels. @default 560, at which thin lines are still seen in the half size that TensorBoard shows */
  width?: number | undefined;
  /** Pixels. @default 420 */
  height?: number | undefined;
  /** The heading. */
  title?: string | undefined;
}

const INK: Colour = [38, 38, 38];
const MUTED: Colour = [105, 105, 105];
const GRID: Colour = [228, 228, 228];
const POINTS: Colour = [31, 100, 180];
const EQUAL: Colour = [205, 50, 40];
const SMALLEST_SIDE = 160;
const LARGEST_SIDE = 8192;
const GAP = 6;
const MARK = 5;

/** The places of the parts on the canvas, and the values that the axes show. */
interface Frame {
  canvas: Canvas;
  scale: number;
  left: number;
  top: number;
  right: number;
  bottom: number;
  x: Range;
  y: Range;
  xTicks: Tick[];
  yTicks: Tick[];
}

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

function frameOf(points: Points, width: number, height: number, { oneToOne, title, xLabel, yLabel }: RasterOptions): Frame {
  const scale = Math.max(1, Math.round(Math.min(width, height) / 210));
  const line = GLYPH_HEIGHT * scale;
  const { x, y } = rangesOf(points, oneToOne === true);
  const top = (title === undefined ? GAP : line + 2 * GAP) + Math.ceil(line / 2);
  const below = line + MARK + 2 * GAP + line; // the marks, and the line with the label and the count
  const bottom = height - below - (xLabel === undefined ? 0 : GAP);
  const yTicks = ticksOf(y.least, y.greatest, Math.max(2, Math.floor((bottom - top) / (3 * line))));
  const widest = Math.max(...yTicks.map(({ label }) => textWidth(label, scale)));
  const left = GAP + (yLabel === undefined ? 0 : line + GAP) + widest + GAP + MARK;
  const right = width - GAP - textWidth("0000", scale) / 2;
  const xTicks = fittingTicks(x, right - left, scale);
  return { canvas: new Canvas(width, height), scale, left, top, right, bottom, x, y, xTicks, yTicks };
}

/** As many marks as have room for their labels. */
function fittingTicks(range: Range, pixels: number, scale: number): Tick[] {
  for (let most = 9; most > 2; most -= 1) {
    const ticks = ticksOf(range.least, range.greatest, most);
    const wanted = ticks.reduce((sum, { label }) => sum + textWidth(`${label}000`, scale), 0);
    if (wanted <= pixels) return ticks;
  }
  return ticksOf(range.least, range.greatest, 2);
}

function rangesOf(points: Points, same: boolean): { x: Range; y: Range } {
  if (!same) return { x: paddedRange(points.xRange), y: paddedRange(points.yRange) };
  const both = paddedRange({
    least: Math.min(points.xRange.least, points.yRange.least),
    greatest: Math.max(points.xRange.greatest, points.yRange.greatest),
  });
  return { x: both, y: both };
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

/** The pixel of a value between two ends. */
function placed(value: number, { least, greatest }: Range, from: number, to: number): number {
  return from + ((value - least) / (greatest - least)) * (to - from);
}
