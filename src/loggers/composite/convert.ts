/** What a record becomes for a backend that lacks its kind. The table is in docs/writing-a-backend.md. */
import { redactRecord, redactText, withoutSecrets } from "../../config/redact.js";
import type { Artifact, Metrics, ModelDescription, TypedArray } from "../../contract/index.js";
import { numberText } from "../../support/number-text.js";

/** Longest name that still has room for the suffixes of a summary. */
const MAX_SUMMARY_NAME = 250 - "/non_finite".length;

/** Count, extremes, mean and standard deviation of the finite values, in one pass (Welford). */
interface Summary {
  count: number;
  nonFinite: number;
  min: number;
  max: number;
  mean: number;
  std: number;
}

function summarise(values: TypedArray): Summary {
  let count = 0;
  let min = Infinity;
  let max = -Infinity;
  let mean = 0;
  let squares = 0;
  for (let i = 0; i < values.length; i++) {
    const value = Number(values[i]);
    if (!Number.isFinite(value)) continue;
    count++;
    if (value < min) min = value;
    if (value > max) max = value;
    const delta = value - mean;
    mean += delta / count;
    squares += delta * (value - mean);
  }
  const nonFinite = values.length - count;
  if (count === 0) return { count, nonFinite, min: NaN, max: NaN, mean: NaN, std: NaN };
  return { count, nonFinite, min, max, mean, std: Math.sqrt(squares / count) };
}

/**
 * A histogram as scalars: `<name>/min`, `/max`, `/mean`, `/std` (population) of the finite values, and `/non_finite`
 * where there are others. Null for an empty array and for a name without room.
 */
export function histogramScalars(name: string, values: TypedArray): Metrics | null {
  if (values.length === 0 || name.length > MAX_SUMMARY_NAME) return null;
  const { nonFinite, min, max, mean, std } = summarise(values);
  const scalars: Record<string, number> = {};
  scalars[`${name}/min`] = min;
  scalars[`${name}/max`] = max;
  scalars[`${name}/mean`] = mean;
  scalars[`${name}/std`] = std;
  if (nonFinite > 0) scalars[`${name}/non_finite`] = nonFinite;
  return scalars;
}

/** A scatter in words: how many points, the ranges, and the correlation. */
export function scatterText(x: TypedArray, y: TypedArray): string {
  const spanX = summarise(x);
  const spanY = summarise(y);
  const range = (axis: string, { min, max, mean }: Summary): string =>
    `${axis} ${numberText(min)} to ${numberText(max)} (mean ${numberText(mean)})`;
  return `${x.length} points, ${range("x", spanX)}, ${range("y", spanY)}, correlation ${numberText(correlation(x, y))}`;
}

/** Pearson's correlation over the pairs whose values are both finite; NaN where it is not defined. */
function correlation(x: TypedArray, y: TypedArray): number {
  let count = 0;
  let meanX = 0;
  let meanY = 0;
  let xx = 0;
  let yy = 0;
  let xy = 0;
  for (let i = 0; i < x.length; i++) {
    const a = Number(x[i]);
    const b = Number(y[i]);
    if (!Number.isFinite(a) || !Number.isFinite(b)) continue;
    count++;
    const deltaX = a - meanX;
    const deltaY = b - meanY;
    meanX += deltaX / count;
    meanY += deltaY / count;
    xx += deltaX * (a - meanX);
    yy += deltaY * (b - meanY);
    xy += deltaX * (b - meanY);
  }
  return xy / Math.sqrt(xx * yy);
}

/** A model's graph as one line a layer. */
export function graphText(description: ModelDescription): string {
  const lines = description.layers.map((layer) => {
    const shape = layer.outputShape === undefined ? "" : ` [${layer.outputShape.map((size) => size ?? "?").join(", ")}]`;
    const parameters = layer.parameters === undefined ? "" : `, ${layer.parameters} parameters`;
    return `${layer.name}: ${layer.op}${shape}${parameters}`;
  });
  const total = description.parameterCount === undefined ? [] : [`${description.parameterCount} parameters in all`];
  return [description.name ?? "model", ...lines, ...total].join("\n");
}

/** An event as text, without secrets: its message where it has one, else its data as JSON. */
export function eventText(data: Readonly<Record<string, unknown>>): string {
  return typeof data["message"] === "string" ? redactText(data["message"]) : JSON.stringify(redactRecord(data));
}

const IS_ADDRESS = /^(?!file:)[a-z][\w+.-]*:\/\//i;

/** An artifact without secrets. The path of a file stays as it is, so that backends can open it; that of an address is redacted. */
export function artifactWithoutSecrets(artifact: Artifact): Artifact {
  const { path, ...rest } = artifact;
  const shown = withoutSecrets(rest);
  const shownPath = IS_ADDRESS.test(path) ? redactText(path) : path;
  return shown === rest && shownPath === path ? artifact : { ...shown, path: shownPath };
}

/** A graph without secrets. Each layer is searched by itself: there is no limit to how many a model has. */
export function graphWithoutSecrets(description: ModelDescription): ModelDescription {
  const { layers, ...rest } = description;
  const shown = withoutSecrets(rest);
  const shownLayers = layers.map((layer) => withoutSecrets(layer));
  const isSame = shown === rest && shownLayers.every((layer, i) => layer === layers[i]);
  return isSame ? description : { ...shown, layers: shownLayers };
}

/** An artifact as the data of an event, without secrets. */
export function artifactData({ name, path, type, keep }: Artifact): Record<string, unknown> {
  return { name: redactText(name), path: redactText(path), type: type ?? null, keep: keep ?? "snapshot" };
}
