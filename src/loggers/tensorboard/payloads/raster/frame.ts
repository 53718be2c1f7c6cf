import type { ScatterAxes } from "../../../../contract/index.js";
import { Canvas, textWidth } from "../../../../support/raster/canvas.js";
import { GLYPH_HEIGHT } from "../../../../support/raster/font.js";
import { paddedRange, type Points, type Range } from "./points.js";
import { ticksOf, type Tick } from "./ticks.js";

/** The labels and the size of a plot. */
export interface RasterOptions extends ScatterAxes {
  /** Pixels. @default 560, at which thin lines are still seen in the half size that TensorBoard shows */
  width?: number | undefined;
  /** Pixels. @default 420 */
  height?: number | undefined;
  /** The heading. */
  title?: string | undefined;
}

/** Pixels between the parts of a plot. */
export const GAP = 6;

/** The length of a mark, in pixels. */
export const MARK = 5;

/** The place of the axes on the canvas, in pixels, and the values that they show. */
export interface Frame {
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

/** The frame of a plot of `points`: its parts get as many pixels as their texts need. */
export function frameOf(
  points: Points,
  width: number,
  height: number,
  { oneToOne, title, xLabel, yLabel }: RasterOptions,
): Frame {
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

/** The pixel of a value between two ends. */
export function placed(value: number, { least, greatest }: Range, from: number, to: number): number {
  return from + ((value - least) / (greatest - least)) * (to - from);
}
