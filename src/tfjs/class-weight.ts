import { TrainscopeError } from "../support/errors.js";
import { suggest } from "../support/nearest.js";
import type { OptionCheck } from "../support/option-keys.js";
import { valueText } from "../support/value-text.js";
import { dataError } from "./batch.js";
import type { Slot } from "./fit-shapes.js";
import type { TfjsOps } from "./ops.js";
import type { TfjsTensor } from "./types.js";

/** The weight of a class, by its index: an object or a list. */
export type ClassWeight = Readonly<Record<number, number>> | readonly number[];

/** What is checked before the outputs of the model are known. */
export const someClassWeights: OptionCheck = {
  allowed:
    "weights by class index, such as { 0: 1, 1: 5 } or [1, 5]; with several outputs a list of them, or an object by output name",
  accepts: (given) => typeof given === "object" && given !== null && Object.keys(given).length > 0,
};

type ByClass = ReadonlyMap<number, number>;

/**
 * The class weights of a model's outputs, and the sample weights that follow from them, as `model.fit` has them.
 * - A target's class is its value, or of several values the position of the largest. A class without a weight is refused.
 * - Every batch's targets are read while the thread waits, as `model.fit` waits for them.
 */
export class ClassWeights {
  readonly #ops: TfjsOps;
  readonly #outputs: readonly Slot[];
  readonly #weights: readonly (ByClass | null)[];

  /** Throws `ERR_CONFIG` for weights that fit no output, class or number. */
  constructor(ops: TfjsOps, given: object, outputs: readonly Slot[]) {
    this.#ops = ops;
    this.#outputs = outputs;
    this.#weights = perOutput(given, outputs).map((one, index) => (one === null ? null : parsed(one, outputs[index] as Slot)));
  }

  /** The losses of one output, [samples], each times the weight of its sample's class. Throws `ERR_LOADER_DATA`, `ERR_STEP_RESULT`. */
  apply(index: number, loss: TfjsTensor, target: TfjsTensor): TfjsTensor {
    const weights = this.#weights[index] ?? null;
    if (weights === null) return loss;
    const samples = target.shape[0] ?? 0;
    if (loss.shape.length !== 1 || loss.shape[0] !== samples) throw lossError(loss, samples);
    const classes = target.size === samples ? target : this.#ops.argMax(target, 1);
    const found = Float32Array.from(classes.dataSync(), (label) => weights.get(label) ?? Number.NaN);
    const missing = found.findIndex(Number.isNaN);
    if (missing >= 0) throw this.#missing(index, classes.dataSync()[missing] as number);
    return this.#ops.mul(loss, this.#ops.tensor(found, [samples], "float32"));
  }

  #missing(index: number, label: number): TrainscopeError {
    const known = [...(this.#weights[index] ?? new Map<number, number>()).keys()].join(", ");
    return dataError(
      `ys "${this.#outputs[index]?.name}" of the batch holds the class ${label}, which has no weight. classWeight has weights of ${known}.\n` +
        `Add { ${label}: 1 } to it.`,
    );
  }
}

function perOutput(given: object, outputs: readonly Slot[]): (object | null)[] {
  const names = outputs.map(({ name }) => name);
  const isList = Array.isArray(given) && given.some((one) => typeof one === "object");
  if (isList) {
    if (given.length === names.length) return given as (object | null)[];
    throw refusal(`Found weights for ${given.length} outputs; the model has ${names.length}: ${names.join(", ")}.`);
  }
  const named = Object.values(given).some((one) => typeof one === "object");
  if (named) {
    const unknown = Object.keys(given).find((name) => !names.includes(name));
    if (unknown !== undefined) throw refusal(`There is no output "${unknown}". ${suggest(unknown, names)}`);
    return names.map((name) => (Object.hasOwn(given, name) ? ((given as Record<string, object | null>)[name] ?? null) : null));
  }
  if (names.length === 1) return [given];
  throw refusal(`The model has ${names.length} outputs. Give weights by output name: { ${names[0]}: { 0: 1, 1: 5 } }.`);
}

function parsed(given: unknown, { name, modelShape }: Slot): ByClass {
  if (typeof given !== "object" || given === null)
    throw refusal(`Found ${valueText(given)} for the output "${name}". Allowed: weights by class index, such as { 0: 1, 1: 5 }.`);
  if (modelShape.length !== 2)
    throw refusal(
      `The output "${name}" has more than one choice of classes a sample: its shape is [${["null", ...modelShape.slice(1)].join(", ")}].\nWeight it in a loss function of (yTrue, yPred).`,
    );
  const units = modelShape[1] as number;
  const entries = Object.entries(given).map(([key, weight]: [string, unknown]) => {
    const label = Number(key);
    if (key.trim() === "" || !Number.isFinite(label))
      throw refusal(`Found the class "${key}". Classes are numbers: { 0: 1, 1: 5 }.`);
    if (units > 1 && !(Number.isInteger(label) && label >= 0 && label < units))
      throw refusal(`There is no class ${key}: the output "${name}" has ${units} units, for the classes 0 to ${units - 1}.`);
    if (typeof weight === "number" && Number.isFinite(weight) && weight >= 0) return [label, weight] as const;
    throw refusal(`Found ${valueText(weight)} as the weight of the class ${key}. Allowed: a finite number of at least 0.`);
  });
  return new Map(entries);
}

function lossError({ shape }: TfjsTensor, samples: number): TrainscopeError {
  return new TrainscopeError(
    "ERR_STEP_RESULT",
    `classWeight weights samples, and the loss function returned the shape [${shape.join(", ")}] for ${samples} samples.\nReturn one value a sample: take the mean over the last dimension only, as tf.metrics.meanSquaredError does.`,
    { path: "tfjsModel.loss" },
  );
}

function refusal(message: string): TrainscopeError {
  return new TrainscopeError("ERR_CONFIG", message, { path: "tfjsModel.classWeight" });
}
