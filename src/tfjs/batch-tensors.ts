import type { StepContext } from "../contract/index.js";
import { isTrainscopeError, TrainscopeError } from "../support/errors.js";
import { checkBatch, dataError, tensorList } from "./batch.js";
import { fitOf, type Slot, SPARSE } from "./fit-shapes.js";
import { isSynchronous, type TfjsOps } from "./ops.js";
import { shapeMessage } from "./shape-advice.js";
import type { TfjsBatch, TfjsTensor, TfjsTensors } from "./types.js";

/**
 * The tensors of a batch as a model takes them.
 * - Shapes: what `model.fit` accepts is accepted, also from a dataset and in validation; everything else is `ERR_LOADER_DATA`.
 * - Class indices are read and checked in the first batch of each size, of training and of validation, where reading does not wait for
 *   a device: TensorFlow.js gives a class that does not exist the loss 0.
 * - Memory: `close` frees what `open` made; the batch's own tensors stay as they are.
 */
export class BatchTensors {
  /** In the model's order; empty while no batch is open. */
  inputs: TfjsTensor[] = [];
  /** In the model's order; empty while no batch is open. */
  targets: TfjsTensor[] = [];
  /** Samples in the batch that was opened last. */
  samples = 0;
  readonly #ops: TfjsOps;
  readonly #xs: readonly Slot[];
  readonly #ys: readonly Slot[];
  readonly #sparse: boolean;
  readonly #sizesTrained = new Set<number>();
  readonly #sizesValidated = new Set<number>();
  #made: TfjsTensor[] = [];

  constructor(ops: TfjsOps, xs: readonly Slot[], ys: readonly Slot[]) {
    this.#ops = ops;
    this.#xs = xs;
    this.#ys = ys;
    this.#sparse = ys.some(({ loss }) => loss === SPARSE);
  }

  /** Takes the tensors of `batch`. Throws `ERR_LOADER_DATA` where they do not fit the model. */
  open(batch: TfjsBatch, { loaderName }: StepContext, training: boolean): void {
    try {
      checkBatch(batch);
      this.inputs = this.#fitted(batch.xs, this.#xs);
      this.targets = this.#fitted(batch.ys, this.#ys);
      this.samples = this.#countSamples();
      if (this.#sparse) this.#checkIndices(training ? this.#sizesTrained : this.#sizesValidated);
    } catch (error) {
      if (!isTrainscopeError(error)) throw error;
      const path = `a ${training ? "training" : "validation"} batch of the loader "${loaderName}"`;
      throw new TrainscopeError(error.code, error.detail, { path });
    }
  }

  /** Lets go of the batch. */
  close(): void {
    this.inputs = [];
    this.targets = [];
    if (this.#made.length === 0) return;
    for (const tensor of this.#made) tensor.dispose();
    this.#made = [];
  }

  #fitted(side: TfjsTensors, slots: readonly Slot[]): TfjsTensor[] {
    const tensors = tensorList(side, slots);
    for (let index = 0; index < slots.length; index++) {
      const tensor = tensors[index] as TfjsTensor;
      const slot = slots[index] as Slot;
      const fit = fitOf(tensor.shape, slot);
      if (fit === "refused") throw dataError(shapeMessage(tensor.shape, slot));
      if (slot.loss === SPARSE && tensor.dtype !== "float32") throw indexTypeError(slot, tensor.dtype);
      if (fit === "expanded") tensors[index] = this.#expanded(tensor);
    }
    return tensors;
  }

  #expanded(tensor: TfjsTensor): TfjsTensor {
    const made = this.#ops.reshape(tensor, [tensor.size, 1]);
    this.#made.push(made);
    return made;
  }

  /** The samples of the batch. Throws where the tensors differ in them, or hold none: there is no loss of nothing. */
  #countSamples(): number {
    const { inputs, targets } = this;
    const samples = inputs[0]?.shape[0] ?? 0;
    for (const tensor of inputs) if (tensor.shape[0] !== samples) throw this.#samplesError();
    for (const tensor of targets) if (tensor.shape[0] !== samples) throw this.#samplesError();
    if (samples > 0) return samples;
    throw dataError("The batch holds no samples. Leave empty batches out of the data.");
  }

  #samplesError(): TrainscopeError {
    const counts = (tensors: readonly TfjsTensor[], slots: readonly Slot[]): string[] =>
      tensors.map(({ shape }, index) => `${slots[index]?.side} "${slots[index]?.name}" ${shape[0]}`);
    const all = [...counts(this.inputs, this.#xs), ...counts(this.targets, this.#ys)];
    return dataError(
      `The tensors of the batch differ in samples: ${all.join(", ")}.\nInputs and targets need one row for each sample, along the first dimension.`,
    );
  }

  #checkIndices(sizes: Set<number>): void {
    if (sizes.has(this.samples) || !isSynchronous(this.#ops.getBackend())) return;
    for (const [index, slot] of this.#ys.entries()) {
      const classes = slot.modelShape.at(-1) ?? 0;
      if (slot.loss !== SPARSE || classes < 1) continue;
      const wrong = this.targets[index]?.dataSync().find((label) => !(label >= 0 && label < classes));
      if (wrong === undefined) continue;
      throw dataError(
        `ys "${slot.name}" of the batch holds the class index ${wrong}; the output has ${classes} units, for the classes 0 to ${classes - 1}.\n` +
          "Count classes from 0, or give the last layer one unit for each class.",
      );
    }
    sizes.add(this.samples);
  }
}

/** TensorFlow.js 4 rounds class indices by an operation that takes no integers: `model.fit` fails on them too. */
function indexTypeError({ name }: Slot, dtype: string): TrainscopeError {
  return dataError(
    `ys "${name}" of the batch is of the type ${dtype}; ${SPARSE} of TensorFlow.js takes float32 only: tensor.toFloat().`,
  );
}
