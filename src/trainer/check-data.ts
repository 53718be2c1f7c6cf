import type { DataLoader, FitData, LoaderSource } from "../contract/index.js";
import { isStateful } from "../data/source.js";
import { ELSEWHERE } from "../support/elsewhere.js";
import { TrainscopeError } from "../support/errors.js";
import { type Instead, unknownKeyAdvice } from "../support/option-keys.js";
import { tfjsDataAdvice } from "../support/tfjs-values.js";
import { valueText } from "../support/value-text.js";

const KEYS = ["train", "validation"];

/** Names that users of `model.fit`, Keras and Lightning give to the two. */
const CALLED: Instead = new Map([
  ...["val", "valid", "validationData", "valData", "dev", "test", "eval"].map((key): [string, string] => [
    key,
    'Name it "validation".',
  ]),
  ...["data", "dataset", "trainData", "training", "x", "xs"].map((key): [string, string] => [
    key,
    'Name it "train": a loader, an array of batches, or an object of them.',
  ]),
  ...["y", "ys", "labels", "targets"].map((key): [string, string] => [key, "A batch holds inputs and targets together."]),
  ["signal", "Give it beside the data: fit(data, { signal })."],
]);

const INSTEAD: Instead = new Map([...ELSEWHERE, ...CALLED]);

/** Checks what `fit` is given, but not the loaders themselves. Throws `ERR_LOADER_DATA`. */
export function checkData<Batch>(data: FitData<Batch>): void {
  const advice = isObject(data) && "train" in data ? null : tfjsDataAdvice(data);
  if (advice !== null || typeof data !== "object" || data === null || Array.isArray(data) || "batches" in data) {
    throw dataError(`fit takes { train, validation? }; found ${valueText(data)}.\n${advice ?? LOADERS}`);
  }
  const unknown = Object.keys(data).find((key) => !KEYS.includes(key));
  if (unknown !== undefined) throw dataError(unknownText(unknown), unknown);
  if (data.train === undefined) throw dataError("There are no train loaders: fit takes { train, validation? }.", "train");
  checkShared(data);
}

const LOADERS = "Write fit({ train: loader }), with a loader, an array of batches, or an object of them.";

function unknownText(key: string): string {
  return `There is no key "${key}" here, so it would do nothing.\n${unknownKeyAdvice(key, KEYS, INSTEAD)}`;
}

/** A loader with a position of its own cannot be read by training and validation at once. */
function checkShared<Batch>({ train, validation }: FitData<Batch>): void {
  if (validation === undefined || !isObject(train) || !isObject(validation)) return;
  const trained = new Set(loadersOf(train));
  if (!loadersOf(validation).some((loader) => trained.has(loader))) return;
  throw dataError(
    "One loader object is given to both train and validation, and it keeps a position of its own. Make a second loader over the same data.",
    "validation",
  );
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

function loadersOf<Batch>(source: LoaderSource<Batch>): DataLoader<Batch>[] {
  const given = Array.isArray(source) ? [] : "batches" in source ? [source] : Object.values(source);
  return given.filter((loader): loader is DataLoader<Batch> => isStateful(loader));
}

function dataError(message: string, path?: string): TrainscopeError {
  return new TrainscopeError("ERR_LOADER_DATA", message, { path: path === undefined ? "fit" : path });
}
