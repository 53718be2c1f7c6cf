import type { DataLoader, FitData, LoaderSource } from "../contract/index.js";
import { isStateful } from "../data/source.js";
import { TrainscopeError } from "../support/errors.js";
import { nearest } from "../support/nearest.js";
import { valueText } from "../support/value-text.js";

const KEYS = ["train", "validation"];

/** Keys that users of `model.fit`, Keras and Lightning try, and what does it here. */
const ELSEWHERE: ReadonlyMap<string, string> = new Map([
  ...["val", "valid", "validationData", "validation_data", "valData", "dev", "test", "eval"].map((key): [string, string] => [
    key,
    'Name it "validation".',
  ]),
  ...["data", "dataset", "trainData", "training", "x", "xs"].map((key): [string, string] => [
    key,
    'Name it "train": a loader, an array of batches, or an object of them.',
  ]),
  ...["y", "ys", "labels", "targets"].map((key): [string, string] => [key, "A batch holds inputs and targets together."]),
  ["epochs", "Set maxEpochs in the config."],
  ["batchSize", "A loader makes the batches: arrayLoader(samples, { batchSize })."],
  ["shuffle", "A loader shuffles: arrayLoader(samples, { batchSize, shuffle })."],
  ["validationSplit", 'Split the data, and give the second part as "validation".'],
  ["callbacks", "Register hooks before: trainer.hookManager.registerHook(hook)."],
  ["sampleWeight", "Weigh the samples in the model's loss: a batch may hold their weights."],
  ["classWeight", "Weigh the classes in the model's loss."],
  ["stepsPerEpoch", "Set trainLoaderConfig.batchesPerEpoch in the config."],
  ["signal", "Give it beside the data: fit(data, { signal })."],
]);

/** Checks what `fit` is given, but not the loaders themselves. Throws `ERR_LOADER_DATA`. */
export function checkData<Batch>(data: FitData<Batch>): void {
  if (typeof data !== "object" || data === null || Array.isArray(data)) {
    throw dataError(
      `fit takes { train, validation? }; found ${valueText(data)}. Write fit({ train: loader }), with a loader, an array of batches, or an object of them.`,
    );
  }
  const unknown = Object.keys(data).find((key) => !KEYS.includes(key));
  if (unknown !== undefined) throw dataError(unknownText(unknown), unknown);
  if (data.train === undefined) throw dataError("There are no train loaders: fit takes { train, validation? }.", "train");
  checkShared(data);
}

function unknownText(key: string): string {
  const near = nearest(key, KEYS);
  const hint = ELSEWHERE.get(key) ?? (near === null ? null : `Name it "${near}".`);
  return `There is no key "${key}" here, so it would do nothing.${hint === null ? "" : ` ${hint}`}\nAvailable: ${KEYS.join(", ")}.`;
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

function isObject(value: unknown): boolean {
  return typeof value === "object" && value !== null;
}

function loadersOf<Batch>(source: LoaderSource<Batch>): DataLoader<Batch>[] {
  const given = Array.isArray(source) ? [] : "batches" in source ? [source] : Object.values(source);
  return given.filter((loader): loader is DataLoader<Batch> => isStateful(loader));
}

function dataError(message: string, path?: string): TrainscopeError {
  return new TrainscopeError("ERR_LOADER_DATA", message, { path: path === undefined ? "fit" : path });
}
