/** Trains a model with `model.fit` and with a trainer on the same data, in the same order. */
import type * as Tf from "@tensorflow/tfjs";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";
import type { DataLoader, GenericTrainerConfig } from "../../src/contract/index.js";
import { type LayersModelOptions, tfjsLoader, tfjsModel, type TfjsBatch } from "../../src/tfjs/index.js";
import { GenericTrainer } from "../../src/trainer/generic-trainer.js";
import { tf } from "./harness.js";

const runsDir = mkdtempSync(join(tmpdir(), "trainscope-oracle-"));
afterAll(() => rmSync(runsDir, { recursive: true, force: true }));

/** A model, how it is compiled, and tensors for it. Every call makes new ones of equal values. */
export interface Case {
  name: string;
  model(): Tf.LayersModel;
  loss: Parameters<Tf.LayersModel["compile"]>[0]["loss"];
  metrics?: Parameters<Tf.LayersModel["compile"]>[0]["metrics"];
  data(): TfjsBatch;
  classWeight?: NonNullable<LayersModelOptions["classWeight"]>;
  /** What a refusal says, where it is not of shapes. */
  says?: RegExp;
}

export const KINDS = ["tensors", "dataset", "batches"] as const;
export type Kind = (typeof KINDS)[number];

/** What came of a training. */
export interface Outcome {
  /** Of every batch, as are the accuracies. */
  losses: number[];
  accuracies: number[];
  /** After the last epoch. */
  validation: Record<string, number | undefined>;
  weights: number[][];
  /** What was thrown; null where nothing was. */
  refusal: Error | null;
  /** Tensors that a refused training left. */
  leaked: number;
}

const nothingYet = (): Outcome => ({ losses: [], accuracies: [], validation: {}, weights: [], refusal: null, leaked: 0 });

const BATCH = 4;
const EPOCHS = 2;

function compiled({ model, loss, metrics }: Case): Tf.LayersModel {
  const net = model();
  net.compile({ optimizer: tf.train.adam(0.05), loss, ...(metrics === undefined ? {} : { metrics }) });
  return net;
}

function weighting({ classWeight }: Case): { classWeight?: never } {
  return classWeight === undefined ? {} : { classWeight: classWeight as never };
}

function weightsOf(net: Tf.LayersModel): number[][] {
  return net.getWeights().map((weight) => [...weight.dataSync()]);
}

/** `model.fit` over all samples, and `validationData` of the same. */
export async function withFit(one: Case): Promise<Outcome> {
  const net = compiled(one);
  const { xs, ys } = one.data() as { xs: Tf.Tensor; ys: Tf.Tensor };
  const outcome = nothingYet();
  try {
    const { history } = await net.fit(xs, ys, {
      epochs: EPOCHS,
      batchSize: BATCH,
      shuffle: false,
      verbose: 0,
      yieldEvery: "never",
      validationData: [xs, ys],
      ...weighting(one),
      callbacks: {
        onBatchEnd: (_, logs = {}) => {
          outcome.losses.push(logs["loss"] as number);
          if ("acc" in logs) outcome.accuracies.push(logs["acc"] as number);
        },
      },
    });
    const last = (name: string): number | undefined => history[`val_${name}`]?.at(-1) as number | undefined;
    // With several outputs TensorFlow.js reports the total under the name of the first output's loss.
    outcome.validation = { loss: last(net.outputs.length > 1 ? `${net.outputNames[0]}_loss` : "loss"), accuracy: last("acc") };
  } catch (error) {
    outcome.refusal = error as Error;
  }
  outcome.weights = weightsOf(net);
  return outcome;
}

/** `model.fitDataset` over the same samples. */
export async function withFitDataset(one: Case): Promise<Outcome> {
  const net = compiled(one);
  const outcome = nothingYet();
  await net.fitDataset(datasetOf(named(one.data(), net)).batch(BATCH) as Tf.data.Dataset<never>, {
    epochs: EPOCHS,
    verbose: 0,
    yieldEvery: "never",
    ...weighting(one),
    callbacks: { onBatchEnd: (_, logs = {}) => void outcome.losses.push(logs["loss"] as number) },
  });
  outcome.weights = weightsOf(net);
  return outcome;
}

/** A trainer over the same samples, that come as `kind`. */
export async function withTrainer(one: Case, kind: Kind): Promise<Outcome> {
  const net = compiled(one);
  const data = one.data();
  const outcome = nothingYet();
  const { model, optimizers } = tfjsModel(tf, { model: net, disposeBatches: kind !== "batches", classWeight: one.classWeight });
  const loader = loaderOf(kind === "dataset" ? named(data, net) : data, kind);
  const config: GenericTrainerConfig = {
    runsDir,
    logLevel: "silent",
    maxEpochs: EPOCHS,
    logging: {
      loggerType: "none",
      logEveryNSteps: 1,
      loggers: [{ name: "memory", logMetrics: (values) => keep(values, outcome) }],
    },
  };
  const before = tf.memory().numTensors;
  try {
    const trainer = new GenericTrainer(config, model, optimizers);
    const { metrics } = await trainer.fit({ train: loader, validation: loaderOf(data, "tensors") });
    outcome.validation = { loss: metrics["val/loss"], accuracy: metrics["val/accuracy"] };
  } catch (error) {
    outcome.refusal = error as Error;
    outcome.leaked = tf.memory().numTensors - before;
  }
  outcome.weights = weightsOf(net);
  return outcome;
}

function keep(values: Record<string, number>, { losses, accuracies }: Outcome): void {
  if ("train/loss_step" in values) losses.push(values["train/loss_step"] as number);
  if ("train/accuracy_step" in values) accuracies.push(values["train/accuracy_step"] as number);
}

type Side = Tf.Tensor | Readonly<Record<string, Tf.Tensor>>;

function loaderOf(data: TfjsBatch, kind: Kind): DataLoader<TfjsBatch> | TfjsBatch[] {
  const tensors = tfjsLoader(tf, data, { batchSize: BATCH });
  if (kind === "tensors") return tensors;
  if (kind === "batches") return [...(tensors.batches(0) as Iterable<TfjsBatch>)];
  const dataset = datasetOf(data);
  const { ys } = data as { xs: Side; ys: Side };
  if (!(ys instanceof tf.Tensor) || ys.dtype === "float32") return tfjsLoader(tf, dataset, { batchSize: BATCH });
  // A dataset makes float32 of numbers.
  const typed = dataset.batch(BATCH).map((batch) => {
    const made = batch as unknown as { xs: Tf.Tensor; ys: Tf.Tensor };
    return { xs: made.xs, ys: made.ys.cast(ys.dtype) };
  });
  return tfjsLoader(tf, typed);
}

function datasetOf(data: TfjsBatch): Tf.data.Dataset<never> {
  const { xs, ys } = data as { xs: Side; ys: Side };
  const first = xs instanceof tf.Tensor ? xs : (Object.values(xs)[0] as Tf.Tensor);
  const samples = Array.from({ length: first.shape[0] as number }, (_, row) => ({
    xs: sampleOf(xs, row),
    ys: sampleOf(ys, row),
  }));
  return tf.data.array(samples as never) as Tf.data.Dataset<never>;
}

/** One sample as numbers: what elements of a dataset mostly are. */
function sampleOf(side: Side, row: number): unknown {
  if (side instanceof tf.Tensor) return (side.arraySync() as unknown[])[row];
  return Object.fromEntries(Object.entries(side).map(([name, tensor]) => [name, (tensor.arraySync() as unknown[])[row]]));
}

/** Lists of tensors by their names: a dataset takes a list of numbers for one tensor. */
function named({ xs, ys }: TfjsBatch, net: Tf.LayersModel): TfjsBatch {
  const byName = (side: unknown, names: string[]): never =>
    (Array.isArray(side) ? Object.fromEntries(side.map((tensor: unknown, index) => [names[index], tensor])) : side) as never;
  return { xs: byName(xs, net.inputNames), ys: byName(ys, net.outputNames) };
}
