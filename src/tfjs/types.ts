// What this adapter needs of TensorFlow.js, structurally: `@tensorflow/tfjs`, `tfjs-node` and every other build of version 4 fit, and
// none of them is imported here. The methods are those of TensorFlow.js; its own documentation says what they do.

/** Values as TensorFlow.js returns them: float32, int32, bool. */
export type TfjsValues = Float32Array | Int32Array | Uint8Array;

/** An array on the device, as far as the adapter reads it. */
export interface TfjsTensor {
  /** Its number in the process: a later tensor has a higher one. */
  readonly id: number;
  /** Its sizes, the outermost dimension first. */
  readonly shape: number[];
  /** Its element type: "float32", "int32", "bool". */
  readonly dtype: string;
  /** How many elements it has. */
  readonly size: number;
  /** True once its memory was freed; using it then throws. */
  readonly isDisposed: boolean;
  /** Its values, read while the thread waits. */
  dataSync(): TfjsValues;
  /** Its values, read without blocking the thread. */
  data(): Promise<TfjsValues>;
  /** Its values as nested arrays, read while the thread waits. */
  arraySync(): unknown;
  /** Its values as nested arrays, read without blocking the thread. */
  array(): Promise<unknown>;
  /** Frees its memory. */
  dispose(): void;
}

/** A value on the device that optimizers update in place. */
export interface TfjsVariable extends TfjsTensor {
  /** True where an optimizer updates it. */
  trainable: boolean;
  /** Its name, unique in the process; a number where none was given. */
  name: string;
  /** Replaces its value by one of the same shape and type. */
  assign(value: TfjsTensor): void;
}

/** A weight as a layer holds it: its name, and whether training updates it. */
export interface TfjsLayerVariable {
  /** Its name, unique in the process. */
  readonly name: string;
  /** Its name as the layer gave it: `dense/kernel`. */
  readonly originalName: string;
  /** True where training updates it. */
  trainable: boolean;
  /** The variable that holds its value. */
  read(): TfjsTensor;
}

/** A symbolic input or output. */
export interface TfjsSymbolicTensor {
  /** The layer it comes from. */
  readonly sourceLayer: TfjsLayer;
  /** Its name, unique in the process. */
  readonly name: string;
  /** Its sizes; null: any size. */
  readonly shape: (number | null)[];
  /** Its element type. */
  readonly dtype: string;
}

/** One use of a layer in a graph. */
export interface TfjsNode {
  /** Where the inputs of this call come from. */
  inboundLayers: TfjsLayer[];
  /** The shape of its output, or the shapes of several. */
  outputShapes: unknown;
}

/** One layer of a `LayersModel`, as far as the adapter reads it. */
export interface TfjsLayer {
  /** Its name, unique in the model. */
  name: string;
  /** The element type of its weights. */
  dtype: string;
  /** Its uses, the first one first. */
  inboundNodes: TfjsNode[];
  /** True once its weights exist. */
  readonly built: boolean;
  /** The variables that training updates: none for a frozen layer. */
  readonly trainableWeights: TfjsLayerVariable[];
  /** All of its weights, moving averages included. */
  readonly weights: TfjsLayerVariable[];
  /** How many numbers its weights hold. */
  countParams(): number;
  /** What it is: `Dense`, `Conv2D`. */
  getClassName(): string;
}

/** A `tf.LayersModel` or `tf.Sequential`. */
export interface TfjsLayersModel extends TfjsLayer {
  /** Its layers; a nested model counts as one. */
  layers: TfjsLayer[];
  /** Its inputs, in the order of the call. */
  inputs: TfjsSymbolicTensor[];
  /** Its outputs, in the order of what it returns. */
  outputs: TfjsSymbolicTensor[];
  /** The names of `inputs`, which a batch's `xs` may use as keys. */
  inputNames: string[];
  /** The names of `outputs`, which a batch's `ys` may use as keys. */
  outputNames: string[];
  /** True where recurrent layers keep their state between batches. */
  readonly stateful: boolean;
  /** Sets its optimizer, loss and metrics. */
  compile(args: {
    /** An optimizer, or the name of one. */
    optimizer: never;
    /** A loss by name or as a function; for several outputs a list, or an object by output name. */
    loss: never;
    /** Metrics by name or as functions; for several outputs an object by output name. */
    metrics?: never;
  }): void;
  /** Runs it on tensors. */
  call(
    inputs: never,
    kwargs: {
      /** True: dropout drops, and batch normalization uses the batch's own statistics. */
      training?: boolean;
    },
  ): unknown;
  /** Its regularization losses, each a scalar. */
  calculateLosses(): TfjsTensor[];
  /** Its topology, as an object where `returnString` is false. */
  toJSON(unused?: unknown, returnString?: boolean): unknown;
}

/** A `tf.Optimizer`, as `tf.train.adam()` and the others make them. */
export interface TfjsOptimizer {
  /** Updates the variables by their gradients. */
  applyGradients(gradients: never): void;
  /** Which optimizer it is: `Adam`, `SGD`. */
  getClassName(): string;
  /** What it has learned, in an order that `setWeights` takes. Called only of a class of your own. */
  getWeights?(): Promise<unknown[]>;
  /** Puts back what `getWeights` returned. Called only of a class of your own. */
  setWeights?(weights: never): Promise<void>;
}

/** An iterator of a `tf.data.Dataset`. */
export interface TfjsLazyIterator<T> {
  /** The next element, or `done`. */
  next(): Promise<{
    /** True once the elements of the pass are used up. */
    done?: boolean | undefined;
    /** The element; null at the end. */
    value: T | null;
  }>;
}

/** A stream of batches made by `tf.data`, read once per pass. */
export interface TfjsDataset<T> {
  /** Elements in a pass; null, NaN or negative where it does not know. */
  readonly size: number;
  /** A new pass over the elements. */
  iterator(): Promise<TfjsLazyIterator<NoInfer<T>>>; // the end of an iterator is of any type
  /** The dataset with its elements grouped. */
  batch(batchSize: number, smallLastBatch?: boolean): TfjsDataset<unknown>;
  /** The dataset without the elements that `predicate` refuses, which it disposes. */
  filter(predicate: (element: T) => boolean): TfjsDataset<T>;
  /** The dataset with its elements drawn from a buffer of `bufferSize`. */
  shuffle(bufferSize: number, seed?: string, reshuffleEachIteration?: boolean): TfjsDataset<T>;
}

/** The `tf` that a program imports. */
export interface Tfjs {
  /** The name of the backend in use: "wasm", "cpu", "tensorflow", "webgl". */
  getBackend(): string;
  /** Resolves when the backend can be used. */
  ready(): Promise<void>;
  /** The kernel of a backend, or undefined where it has none. */
  getKernel(kernelName: string, backendName: string): unknown;
  /** Calls `run` and frees the tensors it made, but for those it returns or keeps. */
  tidy(run: never): unknown;
  /** Excludes a tensor from the `tidy` around it. */
  keep(tensor: never): unknown;
  /** Frees the tensors in a container. */
  dispose(container: never): void;
  /** The value of `loss` and its gradients for the variables. */
  variableGrads(loss: never, variables?: never): unknown;
  /** Makes a value that optimizers update, from an initial one. */
  variable(initialValue: never, trainable?: boolean, name?: string): unknown;
  /** Makes a constant of the given values, shape and dtype. */
  tensor(values: never, shape?: never, dtype?: never): unknown;
  /** Cuts a part out: `size` values of each dimension from `begin`. */
  slice(tensor: never, begin: never, size?: never): unknown;
  /** A tensor of the same values in another shape. */
  reshape(tensor: never, shape: never): unknown;
  /** The rows of a tensor at `indices`. */
  gather(tensor: never, indices: never): unknown;
  /** The element-wise sum. */
  add(a: never, b: never): unknown;
  /** The element-wise product. */
  mul(a: never, b: never): unknown;
  /** The element-wise quotient. */
  div(a: never, b: never): unknown;
  /** The smaller one of each pair of elements. */
  minimum(a: never, b: never): unknown;
  /** The larger one of each pair of elements. */
  maximum(a: never, b: never): unknown;
  /** Multiplies every element by itself. */
  square(tensor: never): unknown;
  /** The square root of every element. */
  sqrt(tensor: never): unknown;
  /** The sum of all elements, a scalar. */
  sum(tensor: never): unknown;
  /** True where an element of the first is not above that of the second. */
  lessEqual(a: never, b: never): unknown;
  /** Elements of one tensor where the condition holds, else of the other. */
  where(condition: never, a: never, b: never): unknown;
  /** The index of the largest element along a dimension. */
  argMax(tensor: never, axis?: number): unknown;
  /** The mean of all elements, a scalar. */
  mean(tensor: never): unknown;
  /** A tensor with the same values. */
  clone(tensor: never): unknown;
  /** A tensor with a share `rate` of its elements set to 0, by `seed`. */
  dropout(tensor: never, rate: number, noiseShape?: number[], seed?: number | string): unknown;
}

/** The tensors of one side of a batch: one, several in the model's order, or several by name. */
export type TfjsTensors = TfjsTensor | readonly TfjsTensor[] | Readonly<Record<string, TfjsTensor>>;

/**
 * What a `LayersModel` is trained on: these two keys and no others. The tensors have the shapes that `model.fit` asks for: those of the
 * inputs and outputs, where one of the shape [samples] stands for [samples, 1]; class indices have one value for each choice of classes.
 * The adapter disposes the tensors after the step, unless `disposeBatches` is false.
 */
export interface TfjsBatch<Xs extends TfjsTensors = TfjsTensors, Ys extends TfjsTensors = TfjsTensors> {
  /** The model's inputs, the samples along the first dimension. */
  xs: Xs;
  /** What its outputs should be, the samples along the first dimension. */
  ys: Ys;
}

/** What a loader of a dataset gives: its elements, or `{ xs, ys }` where their type says nothing, as after `dataset.batch(32)`. */
export type TfjsElement<Element> = [void] extends [Element] ? TfjsBatch : Element;

/** What a loader makes of the elements of a dataset by `batchSize`: a tensor for each number, text, array or tensor in them. */
export type TfjsGrouped<Element, Tensor extends TfjsTensor> = [void] extends [Element] ? TfjsBatch : Grouped<Element, Tensor>;

/** One tensor for each leaf of an element, in the structure of the element. */
type Grouped<Element, Tensor extends TfjsTensor> = Element extends
  | TfjsTensor
  | readonly unknown[]
  | ArrayBufferView
  | number
  | string
  | boolean
  ? Tensor
  : { [Key in keyof Element]: Grouped<Element[Key], Tensor> };

/** The tensor class of a `tf`, so that a user's callbacks get their own types. */
export type TensorOf<T extends Tfjs> = ReturnType<T["tensor"]> extends TfjsTensor ? ReturnType<T["tensor"]> : TfjsTensor;

/** A function whose parameters are compared both ways, so that yours may take a narrower tensor than `tf.Tensor`. */
export type Callback<Args extends unknown[], Result> = {
  /** A method, because TypeScript compares the parameters of methods both ways. */
  bivarianceHack(...args: Args): Result;
}["bivarianceHack"];

/** A loss or metric of `(yTrue, yPred)`: a scalar, or one value per sample. */
export type TfjsLossOrMetric<T extends TfjsTensor = TfjsTensor> = Callback<[yTrue: T, yPred: T], TfjsTensor>;

/** What a loss function of your own gets beside the batch. */
export interface TfjsStepInfo {
  /** True in `trainStep`, false in validation. */
  readonly training: boolean;
  /** 32-bit and not zero: pass it to `tf.dropout` and other random operations, so that a resumed run draws the same. */
  readonly seed: number;
}

/** What hooks may show of a step; read only where one of them requests it. */
export interface TfjsOutputs {
  /** What the model computed, the samples along the first dimension. */
  predictions?: TfjsTensor | undefined;
  /** What it should have computed, in the shape of `predictions`. */
  targets?: TfjsTensor | undefined;
  /** Of the shape [batch, height, width, channels] with 1, 3 or 4 channels, and of type float32 or int32; others are left out. */
  images?: TfjsTensor | undefined;
}

/** What a loss function of your own returns: the loss, alone or with what is reported beside it. */
export type TfjsLossResult =
  | TfjsTensor
  | {
      /** A scalar, or one value per sample, which is averaged. */
      loss: TfjsTensor;
      /** Metrics by bare name; a tensor is averaged, and stays yours. */
      metrics?: Readonly<Record<string, TfjsTensor | number>> | undefined;
      /** Predictions, targets and images, for hooks that show them. */
      outputs?: TfjsOutputs | undefined;
    };
