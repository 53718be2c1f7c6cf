import { TrainscopeError } from "../support/errors.js";
import { isTensorValue } from "../support/tfjs-values.js";
import { valueText } from "../support/value-text.js";
import type { Tfjs, TfjsLayersModel, TfjsLayerVariable, TfjsTensor, TfjsValues, TfjsVariable } from "./types.js";

/**
 * The operations this adapter uses, with the types it needs. The public `Tfjs` type leaves their parameters open so
 * that every version of TensorFlow.js fits it; `opsOf` is the one place where they are filled in.
 */
export interface TfjsOps {
  readonly version?: unknown;
  readonly version_core?: unknown;
  getBackend(): string;
  ready(): Promise<void>;
  getKernel(kernelName: string, backendName: string): object | undefined;
  tidy<T>(run: () => T): T;
  keep<T extends TfjsTensor>(tensor: T): T;
  dispose(container: unknown): void;
  variableGrads(
    loss: () => TfjsTensor,
    variables: readonly TfjsVariable[],
  ): { value: TfjsTensor; grads: Record<string, TfjsTensor> };
  variable(initialValue: TfjsTensor, trainable?: boolean, name?: string): TfjsVariable;
  tensor(values: TfjsValues, shape: readonly number[], dtype: string): TfjsTensor;
  slice(tensor: TfjsTensor, begin: readonly number[], size?: readonly number[]): TfjsTensor;
  reshape(tensor: TfjsTensor, shape: readonly number[]): TfjsTensor;
  gather(tensor: TfjsTensor, indices: TfjsTensor): TfjsTensor;
  add(a: TfjsTensor, b: TfjsTensor): TfjsTensor;
  mul(a: TfjsTensor, b: TfjsTensor | number): TfjsTensor;
  div(a: TfjsTensor | number, b: TfjsTensor | number): TfjsTensor;
  minimum(a: TfjsTensor, b: TfjsTensor | number): TfjsTensor;
  maximum(a: TfjsTensor, b: TfjsTensor | number): TfjsTensor;
  square(tensor: TfjsTensor): TfjsTensor;
  sqrt(tensor: TfjsTensor): TfjsTensor;
  sum(tensor: TfjsTensor): TfjsTensor;
  lessEqual(a: TfjsTensor, b: TfjsTensor | number): TfjsTensor;
  where(condition: TfjsTensor, a: TfjsTensor | number, b: TfjsTensor): TfjsTensor;
  argMax(tensor: TfjsTensor, axis: number): TfjsTensor;
  mean(tensor: TfjsTensor): TfjsTensor;
  clone(tensor: TfjsTensor): TfjsTensor;
  dropout(tensor: TfjsTensor, rate: number, noiseShape: number[] | undefined, seed: number): TfjsTensor;
}

/** `tf` with the parameters of its operations filled in. Throws `ERR_CONFIG` for anything but a `tf`. */
export function opsOf(tf: Tfjs): TfjsOps {
  const given: unknown = tf;
  if (typeof given !== "object" || given === null || !("variableGrads" in given))
    throw new TrainscopeError(
      "ERR_CONFIG",
      `Found ${valueText(given)}. Allowed: the tf that your program imports, as in tfjsModel(tf, { model }).`,
      {
        path: "tf",
      },
    );
  return tf as unknown as TfjsOps;
}

/** The fields of a model that `compile` sets. */
export interface CompiledModel {
  call(inputs: TfjsTensor | TfjsTensor[], kwargs: { training: boolean }): TfjsTensor | TfjsTensor[];
  compile(args: { optimizer: unknown; loss: unknown; metrics?: unknown }): void;
  /** Absent before `compile`. */
  optimizer?: unknown;
  loss?: unknown;
  metrics?: unknown;
  lossFunctions?: ((yTrue: TfjsTensor, yPred: TfjsTensor) => TfjsTensor)[];
  metricsTensors?: [(yTrue: TfjsTensor, yPred: TfjsTensor) => TfjsTensor, number][];
  metricsNames?: string[];
  /** What `model.fit` updates: the weights that were trainable when the model was compiled. */
  collectedTrainableWeights?: readonly TfjsLayerVariable[];
  readonly trainableWeights: readonly TfjsLayerVariable[];
  /** True where `model.fit` was to stop. */
  stopTraining?: boolean;
}

/** The model that `compile` wrote to: a `Sequential` has one inside, made when it is built. */
export function compiledOf(model: TfjsLayersModel): CompiledModel {
  const { model: inner } = model as { model?: unknown };
  return (inner ?? model) as CompiledModel;
}

/** True for a `tf.Tensor` of any copy of TensorFlow.js. */
export function isTensor(value: unknown): value is TfjsTensor {
  return isTensorValue(value);
}

/** Backends whose `dataSync` returns without waiting for a device. */
const SYNCHRONOUS = new Set(["cpu", "wasm", "tensorflow"]);

/** True where reading a tensor of `backend` returns its values at once. */
export function isSynchronous(backend: string): boolean {
  return SYNCHRONOUS.has(backend);
}
