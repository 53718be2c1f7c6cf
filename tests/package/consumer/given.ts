// What a block of a page may say that its reader has: `// given: model, optimizers`. Only its types are used.
import type * as tf from "@tensorflow/tfjs";
import type {
  DataLoader,
  GenericTrainer,
  GenericTrainerConfig,
  LoggerBackend,
  Metrics,
  Optimizer,
  TrainableModel,
} from "trainscope";
import type { TfjsBatch } from "trainscope/tfjs";

/** The config of a run. */
export declare const config: GenericTrainerConfig;
/** What `tfjsModel` returns, or a model of one's own. */
export declare const model: TrainableModel<TfjsBatch>;
export declare const optimizers: Optimizer[];
export declare const trainer: GenericTrainer<TfjsBatch>;
/** Loaders. */
export declare const digits: DataLoader<TfjsBatch>;
export declare const augmented: DataLoader<TfjsBatch>;
export declare const heldOut: DataLoader<TfjsBatch>;
/** Tensors and a compiled model of TensorFlow.js. */
export declare const xs: tf.Tensor;
export declare const ys: tf.Tensor;
export declare const net: tf.LayersModel;
/** Of a training loop of one's own. */
export declare const step: number;
export declare const epoch: number;
export declare const batch: number;
export declare const metrics: Metrics;
export declare const kernel: Float32Array;
export declare const moments: Float32Array;
export declare const x: Float32Array;
export declare const y: Float32Array;
export declare const pixels: Uint8Array;
export declare const validationLoss: number;
export declare const trainOneEpoch: () => number;
/** The suite of `tests/contract/logger.ts`, a backend, and a function that reads back what it wrote. */
export declare const testLogger: (subject: { name: string; open: () => LoggerBackend; read: () => readonly object[] }) => void;
export declare const myBackend: () => LoggerBackend;
export declare const readBack: () => readonly { kind: "metric"; name: string; value: number; step: number }[];
