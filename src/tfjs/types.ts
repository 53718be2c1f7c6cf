/**
 * What this adapter needs of TensorFlow.js, structurally: `@tensorflow/tfjs`, `tfjs-node` and every other build of
 * version 4 fit, and none of them is imported here.
 */

/** Values as TensorFlow.js hands them out. */
export type TfjsValues = Float32Array | Int32Array | Uint8Array;

/** A `tf.Tensor`. */
export interface TfjsTensor {
  readonly shape: number[];
  readonly dtype: string;
  readonly size: number;
  readonly isDisposed: boolean;
  dataSync(): TfjsValues;
  data(): Promise<TfjsValues>;
  arraySync(): unknown;
  array(): Promise<unknown>;
  dispose(): void;
}

/** A `tf.Variable`. */
export interface TfjsVariable extends TfjsTensor {
  trainable: boolean;
  name: string;
  assign(value: TfjsTensor): void;
}

/** A weight of a layer. */
export interface TfjsLayerVariable {
  readonly name: string;
  readonly originalName: string;
  trainable: boolean;
  read(): TfjsTensor;
}

/** A symbolic input or output. */
export interface TfjsSymbolicTensor {
  readonly sourceLayer: TfjsLayer;
  readonly name: string;
  readonly shape: (number | null)[];
  readonly dtype: string;
}

/** One use of a layer in a graph. */
export interface TfjsNode {
  inboundLayers: TfjsLayer[];
  outputShapes: unknown;
}

/** A `tf.layers.Layer`. */
export interface TfjsLayer {
  name: string;
  dtype: string;
  inboundNodes: TfjsNode[];
  readonly built: boolean;
  readonly trainableWeights: TfjsLayerVariable[];
  readonly weights: TfjsLayerVariable[];
  countParams(): number;
  getClassName(): string;
}

/** A `tf.LayersModel` or `tf.Sequential`. */
export interface TfjsLayersModel extends TfjsLayer {
  layers: TfjsLayer[];
  inputs: TfjsSymbolicTensor[];
  outputs: TfjsSymbolicTensor[];
  inputNames: string[];
  outputNames: string[];
  readonly stateful: boolean;
  compile(args: { optimizer: never; loss: never; metrics?: never }): void;
  call(inputs: never, kwargs: { training?: boolean }): unknown;
  calculateLosses(): TfjsTensor[];
  toJSON(unused?: unknown, returnString?: boolean): unknown;
}

/** A `tf.Optimizer`, as `tf.train.adam()` and the others make them. */
export interface TfjsOptimizer {
  applyGradients(gradients: never): void;
  getClassName(): string;
}

/** An iterator of a `tf.data.Dataset`. */
export interface TfjsLazyIterator<T> {
  next(): Promise<{ done?: boolean | undefined; value: T | null }>;
}

/** A `tf.data.Dataset`. */
export interface TfjsDataset<T> {
  readonly size: number;
  iterator(): Promise<TfjsLazyIterator<T>>;
  batch(batchSize: number, smallLastBatch?: boolean): TfjsDataset<unknown>;
  shuffle(bufferSize: number, seed?: string, reshuffleEachIteration?: boolean): TfjsDataset<T>;
}

/** The `tf` that a program imports. */
export interface Tfjs {
  getBackend(): string;
  ready(): Promise<void>;
  getKernel(kernelName: string, backendName: string): unknown;
  tidy(run: never): unknown;
  keep(tensor: never): unknown;
  dispose(container: never): void;
  variableGrads(loss: never, variables?: never): unknown;
  variable(initialValue: never, trainable?: boolean, name?: string): unknown;
  tensor(values: never, shape?: never, dtype?: never): unknown;
  slice(tensor: never, begin: never, size?: never): unknown;
  gather(tensor: never, indices: never): unknown;
  add(a: never, b: never): unknown;
  mean(tensor: never): unknown;
  clone(tensor: never): unknown;
  dropout(tensor: never, rate: number, noiseShape?: number[], seed?: number | string): unknown;
}

/** The tensors of one side of a batch: one, several in the model's order, or several by name. */
export type TfjsTensors = TfjsTensor | readonly TfjsTensor[] | Readonly<Record<string, TfjsTensor>>;

/** What a `LayersModel` is trained on. The adapter disposes the tensors after the step. */
export interface TfjsBatch {
  xs: TfjsTensors;
  ys: TfjsTensors;
}

/** The tensor class of a `tf`, so that a user's callbacks get their own types. */
export type TensorOf<T extends Tfjs> = ReturnType<T["tensor"]> extends TfjsTensor ? ReturnType<T["tensor"]> : TfjsTensor;

/** Parameters compared both ways, so that a callback may ask for a narrower tensor than `tf.Tensor`. */
type Callback<Args extends unknown[], Result> = { bivarianceHack(...args: Args): Result }["bivarianceHack"];

/** A loss or metric of `(yTrue, yPred)`: a scalar, or one value per sample. */
export type TfjsLossOrMetric<T extends TfjsTensor = TfjsTensor> = Callback<[yTrue: T, yPred: T], TfjsTensor>;

/** What a loss function of one's own is told. */
export interface TfjsStepInfo {
  /** False in validation. */
  readonly training: boolean;
  /** 32-bit and not zero: pass it to `tf.dropout` and other random operations, so that a resumed run draws the same. */
  readonly seed: number;
}

/** What hooks may show of a step; read only where one of them asks. */
export interface TfjsOutputs {
  predictions?: TfjsTensor | undefined;
  /** One value for each of `predictions`. */
  targets?: TfjsTensor | undefined;
  /** Of the shape [batch, height, width, channels], with 1, 3 or 4 channels. */
  images?: TfjsTensor | undefined;
}

/** What a loss function of one's own returns. */
export type TfjsLossResult =
  | TfjsTensor
  | {
      loss: TfjsTensor;
      metrics?: Readonly<Record<string, TfjsTensor | number>> | undefined;
      outputs?: TfjsOutputs | undefined;
    };

export type { Callback };
