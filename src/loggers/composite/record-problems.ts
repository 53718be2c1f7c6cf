/**
 * What is wrong with a record, in words that say what is allowed; null where nothing is. One set of checks for the trainer's logger and
 * for a `SummaryWriter` that is used alone.
 */
import type { Artifact, ImageData, TypedArray } from "../../contract/index.js";
import { messageOf } from "../../support/errors.js";
import { suggest } from "../../support/nearest.js";
import { isPixels } from "../../support/pixels.js";
import { isRecord } from "../../support/records.js";
import { valueText } from "../../support/value-text.js";

/** Why a record cannot be at `step`. */
export function stepProblem(step: unknown): string | null {
  if (Number.isSafeInteger(step) && (step as number) >= 0) return null;
  return `The step is ${typeof step === "number" ? step : kindOf(step)}; it must be an integer from 0 to 2^53 - 1.`;
}

/** Why `value` cannot be a scalar. The same kind of value has the same text, so that it is reported once. */
export function valueProblem(value: unknown): string | null {
  if (typeof value === "number") return null;
  const found = `The value is ${kindOf(value)}, not a number`;
  if (typeof value === "string" || typeof value === "bigint") return `${found}: pass Number(value).`;
  if (typeof value !== "object" || value === null) return `${found}.`;
  if (has(value, "read")) return "The value is a deferred scalar: read it first.";
  if (has(value, "dataSync")) return "The value is a tensor: pass the number in it, tensor.dataSync()[0].";
  return `${found}.`;
}

/** Why `values` cannot be a record by name; `what` names them ("metrics"), `each` says what each of them may be. */
export function recordProblem(what: string, values: unknown, each = "a number"): string | null {
  return isRecord(values) ? null : `The ${what} are ${valueText(values)}, not an object with ${each} for each name.`;
}

/** What `problemOf` returns, or that the values could not be read where it throws. */
export function readProblem(problemOf: () => string | null): string | null {
  try {
    return problemOf();
  } catch (error) {
    return `The values could not be read: ${messageOf(error)}.`;
  }
}

/** Characters of a name or a reason that are kept: what is refused may be large. */
const MAX_KEPT = 1000;

/** What counts as the same refusal: the numbers of the reason are left out, so that a value which changes is reported once. */
export function kindOfRefusal(name: string, reason: string): string {
  return `${name.slice(0, MAX_KEPT)}\n${reason.slice(0, MAX_KEPT).replaceAll(/\d+/g, "0")}`;
}

/** Why `values` cannot be a histogram or one axis of a scatter. */
export function arrayProblem(values: unknown): string | null {
  const isTyped = ArrayBuffer.isView(values) && !(values instanceof DataView);
  return isTyped ? null : `The values are ${valueText(values)}, not a typed array.`;
}

/** Why `x` and `y` cannot be a scatter. */
export function scatterProblem(x: TypedArray, y: TypedArray): string | null {
  const problem = arrayProblem(x) ?? arrayProblem(y);
  if (problem !== null || x.length === y.length) return problem;
  return `x has ${x.length} values and y has ${y.length}; both need the same number.`;
}

const IMAGE_KEYS: readonly string[] = ["width", "height", "channels", "data"] satisfies (keyof ImageData)[];
/** The largest side of a PNG. */
const MAX_SIDE = 2 ** 31 - 1;
const isSide = (side: unknown): boolean => Number.isInteger(side) && (side as number) >= 1 && (side as number) <= MAX_SIDE;

/** Why `image` cannot be an image. The range of its values is not checked here. */
export function imageProblem(image: ImageData): string | null {
  if (image === null || typeof image !== "object") return `The image is ${valueText(image)}, not an object.`;
  const unknown = Object.keys(image).find((key) => !IMAGE_KEYS.includes(key));
  if (unknown !== undefined) return `There is no key ${valueText(unknown)} in an image.\n${suggest(unknown, IMAGE_KEYS)}`;
  const { width, height, channels, data } = image;
  if (!isSide(width) || !isSide(height))
    return `The image is ${valueText(width)} × ${valueText(height)}; both need to be integers of at least 1.`;
  if (channels !== 1 && channels !== 3 && channels !== 4)
    return `The image has ${valueText(channels)} channels; it may have 1, 3 or 4.`;
  if (!isPixels(data))
    return `The pixels are ${valueText(data)}, not a typed array: give integers 0 to 255 in a Uint8Array, or floats 0 to 1 in a Float32Array.`;
  const expected = width * height * channels;
  return data.length === expected
    ? null
    : `The image has ${data.length} values; ${width} × ${height} × ${channels} needs ${expected}.`;
}

const ARTIFACT_KEYS: readonly string[] = ["name", "path", "type", "keep"] satisfies (keyof Artifact)[];

/** Why `artifact` cannot be an artifact, which may have a step. */
export function artifactProblem(artifact: Artifact, step: unknown): string | null {
  if (artifact === null || typeof artifact !== "object") return `The artifact is ${valueText(artifact)}, not an object.`;
  if (typeof artifact.name !== "string" || artifact.name === "")
    return "The artifact has no name: it needs a text that is not empty.";
  if (typeof artifact.path !== "string" || artifact.path === "") return "The artifact has no path: it needs that of a file.";
  const unknown = Object.keys(artifact).find((key) => !ARTIFACT_KEYS.includes(key));
  if (unknown !== undefined) return `There is no key ${valueText(unknown)} in an artifact.\n${suggest(unknown, ARTIFACT_KEYS)}`;
  const { type, keep } = artifact;
  if (type !== undefined && typeof type !== "string") return `The type of the artifact is ${valueText(type)}, not a text.`;
  if (keep !== undefined && keep !== "snapshot" && keep !== "reference")
    return `\`keep\` of the artifact is ${valueText(keep)}. Allowed: "snapshot", "reference".`;
  return step === undefined ? null : stepProblem(step);
}

/** Why `text` cannot be a text. */
export function textProblem(text: unknown): string | null {
  return typeof text === "string" ? null : `The text is ${kindOf(text)}, not a string.`;
}

function has(value: object, key: string): boolean {
  try {
    return key in value;
  } catch {
    return false; // a proxy
  }
}

function kindOf(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  return typeof value === "object" || typeof value === "function" ? valueText(value) : `a ${typeof value}`;
}
