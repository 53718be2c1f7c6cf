/** A confusion matrix as pixels: true classes down, predicted ones across. TensorBoard shows it in half its size. */
import type { ImageData, ResolvedConfusionMatrixConfig } from "../../contract/index.js";
import { Canvas, fitText, textWidth, type Colour } from "../../support/raster/canvas.js";
import { GLYPH_HEIGHT } from "../../support/raster/font.js";
import { rateText } from "../../support/number-text.js";
import type { ConfusionCounts, ConfusionTotals } from "./confusion-counts.js";

type Normalize = ResolvedConfusionMatrixConfig["normalize"];

interface PictureOptions {
  labels: readonly string[];
  normalize: Normalize;
  title: string;
}

/** Where the parts are, in pixels. */
interface Layout {
  cell: number;
  left: number;
  top: number;
  classes: number;
  /** One more than classes where there are predictions of NaN. */
  columns: number;
  /** The labels of the columns are written upwards. */
  isUpright: boolean;
  /** The cells have room for their texts. */
  hasTexts: boolean;
}

const INK: Colour = [38, 38, 38];
const MUTED: Colour = [150, 150, 150];
const WHITE: Colour = [255, 255, 255];
const GRID: Colour = [222, 222, 222];
const FAINT: Colour = [200, 200, 200];
const RIGHT: Colour = [24, 86, 160];
const WRONG: Colour = [196, 60, 24];
const NAN = "NaN";
const SCALE = 2;
const LINE = GLYPH_HEIGHT * SCALE;
const GAP = 8;
/** The least width of a plot; the greatest of one whose cells have texts, and the size of one with colours alone. */
const SMALLEST = 240;
const LARGEST_WITH_TEXTS = 1000;
const MOST_WITH_TEXTS = Math.floor(LARGEST_WITH_TEXTS / (LINE + 2 * GAP));
const COLOURS_ONLY = 720;
/** A label may be as wide as this. */
const WIDEST_LABEL = 200;

/** The picture: colours show shares of the row (of the column with "predicted"), the cells' texts counts or percentages. */
export function confusionPicture(counts: ConfusionCounts, options: PictureOptions): ImageData {
  const matrix = matrixOf(counts, options.normalize);
  const labels = options.labels.map((label) => fitText(label, WIDEST_LABEL, SCALE));
  const layout = layoutOf(matrix, labels);
  const { cell, left, top, columns, isUpright } = layout;
  const footer = footerOf(counts, matrix.totals, options.normalize);
  const bottom = top + cell * counts.classes;
  const below = bottom + (isUpright ? widest(labels, columns) : LINE) + 3 * GAP;
  const width = Math.max(left + cell * columns, textWidth(footer, SCALE)) + 2 * GAP;
  const canvas = new Canvas(width, below + 2 * LINE + 2 * GAP);
  drawCells(canvas, layout, matrix);
  drawLabels(canvas, layout, labels);
  const text = (line: string, middle: number, at: number, colour: Colour): void => {
    const most = width - GAP - textWidth(line, SCALE);
    canvas.text(line, Math.max(GAP, Math.min(Math.round(middle - textWidth(line, SCALE) / 2), most)), at, {
      colour,
      scale: SCALE,
    });
  };
  const middle = left + (cell * columns) / 2;
  text(fitText(options.title, width - 2 * GAP, SCALE), middle, GAP, INK);
  text("predicted", middle, below, INK);
  text(footer, width, below + LINE + GAP, MUTED);
  const start = Math.round((top + bottom + textWidth("true", SCALE)) / 2);
  canvas.text("true", GAP, start, { colour: INK, scale: SCALE, upwards: true });
  return canvas.image();
}

/** What the cells show, by true class. */
interface Matrix {
  totals: ConfusionTotals;
  /** 0 to 1. */
  shares: number[][];
  /** Empty where the cells would have no room for them. */
  texts: string[][];
}

function matrixOf(counts: ConfusionCounts, normalize: Normalize): Matrix {
  const totals = counts.totals();
  const columns = counts.classes + (totals.ofPrediction[counts.classes] === 0 ? 0 : 1);
  const shares = Array.from({ length: counts.classes }, (_, truth) =>
    Array.from({ length: columns }, (_cell, predicted) => {
      const whole = normalize === "predicted" ? totals.ofPrediction[predicted] : totals.ofTruth[truth];
      return counts.at(truth, predicted) / (whole || 1);
    }),
  );
  const texts = (columns > MOST_WITH_TEXTS ? [] : shares).map((row, truth) =>
    row.map((share, predicted) => (normalize === "none" ? countText(counts.at(truth, predicted)) : percentText(share))),
  );
  return { totals, shares, texts };
}

function layoutOf({ shares, texts }: Matrix, labels: readonly string[]): Layout {
  const classes = shares.length;
  const columns = shares[0]?.length ?? 0;
  let longest = LINE;
  for (const row of texts) for (const text of row) longest = Math.max(longest, textWidth(text, SCALE));
  const roomy = longest + 2 * GAP;
  const hasTexts = texts.length > 0 && roomy * columns <= LARGEST_WITH_TEXTS;
  const cell = hasTexts ? Math.max(roomy, Math.floor(SMALLEST / columns)) : Math.max(1, Math.floor(COLOURS_ONLY / columns));
  const left = GAP + LINE + GAP + widest(labels, classes) + GAP;
  return { cell, left, top: LINE + 3 * GAP, classes, columns, isUpright: widest(labels, columns) + GAP > cell, hasTexts };
}

function widest(labels: readonly string[], columns: number): number {
  return Math.max(...labels.map((label) => textWidth(label, SCALE)), columns > labels.length ? textWidth(NAN, SCALE) : 0);
}

function drawCells(canvas: Canvas, { cell, left, top, classes, columns, hasTexts }: Layout, { shares, texts }: Matrix): void {
  const side = cell >= 6 ? cell - 1 : cell;
  canvas.fill(left - 1, top - 1, cell * columns + 1, cell * classes + 1, GRID);
  shares.forEach((row, truth) =>
    row.forEach((share, predicted) => {
      const strength = Math.sqrt(share); // rare errors are what one looks for
      const [x, y] = [left + predicted * cell, top + truth * cell];
      canvas.fill(x, y, side, side, shade(truth === predicted ? RIGHT : WRONG, strength));
      if (!hasTexts) return;
      const text = texts[truth]?.[predicted] ?? "";
      const colour = share === 0 ? FAINT : strength > 0.6 ? WHITE : INK;
      const at = Math.round(x + (side - textWidth(text, SCALE)) / 2);
      canvas.text(text, at, Math.round(y + (side - LINE) / 2), { colour, scale: SCALE });
    }),
  );
}

/** As many labels as have room; those of columns upwards where they are wider than a cell. */
function drawLabels(canvas: Canvas, layout: Layout, labels: readonly string[]): void {
  const { cell, left, top, classes, columns, isUpright } = layout;
  const style = { colour: INK, scale: SCALE };
  const below = top + cell * classes + GAP;
  const column = (label: string, index: number): void => {
    const middle = left + Math.round((index + 0.5) * cell);
    const length = textWidth(label, SCALE);
    if (isUpright) canvas.text(label, middle - LINE / 2, below + length, { ...style, upwards: true });
    else canvas.text(label, Math.round(middle - length / 2), below, style);
  };
  const every = Math.ceil((LINE + 2) / cell);
  for (let index = 0; index < classes; index += every) {
    const label = labels[index] ?? "";
    canvas.text(label, left - GAP - textWidth(label, SCALE), top + Math.round((index + 0.5) * cell) - LINE / 2, style);
    if (columns === classes || classes - index >= every) column(label, index);
  }
  if (columns > classes) column(NAN, classes);
}

function countText(count: number): string {
  return count < 10_000 ? String(count) : rateText(count);
}

function percentText(share: number): string {
  return share === 0 ? "0" : share === 1 ? "100" : (100 * share).toFixed(1);
}

function footerOf({ classes, withoutTarget }: ConfusionCounts, totals: ConfusionTotals, normalize: Normalize): string {
  const { right, samples, ofPrediction } = totals;
  const count = (value: number): string => value.toLocaleString("en");
  const parts = [samples === 0 ? "no samples" : `${((100 * right) / samples).toFixed(2)} % of ${count(samples)} right`];
  if (normalize !== "none") parts.unshift(`% of the ${normalize} class`);
  const unpredicted = ofPrediction[classes] ?? 0;
  if (unpredicted > 0) parts.push(`${count(unpredicted)} ${NAN}`);
  if (withoutTarget > 0) parts.push(`${count(withoutTarget)} without class`);
  return parts.join(", ");
}

function shade(colour: Colour, strength: number): Colour {
  return colour.map((channel) => Math.round(255 + (channel - 255) * strength)) as unknown as Colour;
}
