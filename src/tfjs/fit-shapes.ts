/** Any size, in the shape of a slot. */
export const FREE = -1;

/** One input or output of a model, and what a batch has to bring for it. */
export interface Slot {
  /** The side of a batch that it belongs to. */
  readonly side: "xs" | "ys";
  readonly name: string;
  /** The shape of the model's own tensor. */
  readonly modelShape: readonly number[];
  /** The shape that a batch's tensor must have. */
  readonly shape: readonly number[];
  /** Of an output, its loss by name; null for a function, and for an input. */
  readonly loss: string | null;
}

/** How a tensor meets its slot: as it is, with the missing last dimension added, or not at all. */
export type Fit = "asIs" | "expanded" | "refused";

type ModelShape = readonly (number | null | undefined)[];

/** The slot of an input. `exactBatch`: the model keeps states per sample, so that its batch size is part of the shape. */
export function inputSlot(name: string, modelShape: ModelShape, exactBatch: boolean): Slot {
  const shape = sizesOf(modelShape, exactBatch);
  return { side: "xs", name, modelShape: shape, shape, loss: null };
}

/** The slot of an output: targets have its shape, and class indices one value where it has the classes. */
export function outputSlot(name: string, modelShape: ModelShape, loss: string | null, exactBatch: boolean): Slot {
  const shape = sizesOf(modelShape, exactBatch);
  const indices = [...shape.slice(0, -1), 1];
  return { side: "ys", name, modelShape: shape, shape: loss === SPARSE ? indices : shape, loss };
}

/** The loss whose targets are class indices. */
export const SPARSE = "sparseCategoricalCrossentropy";
/** The loss whose targets are one-hot. */
export const ONE_HOT = "categoricalCrossentropy";

function sizesOf(shape: ModelShape, exactBatch: boolean): number[] {
  return shape.map((size, axis) =>
    (axis === 0 && !exactBatch) || size === null || size === undefined || size < 0 ? FREE : size,
  );
}

/**
 * What `model.fit` does with a tensor of the shape `given` (`standardizeInputData` and `checkLossAndTargetCompatibility` of
 * TensorFlow.js 4): one of rank 1 becomes [samples, 1], then every size but that of the batch must be the model's. Pure, no allocation.
 */
export function fitOf(given: readonly number[], { shape, loss }: Slot): Fit {
  const expanded = given.length === 1 && shape.length !== 1;
  const rank = expanded ? 2 : given.length;
  if (rank !== shape.length) return "refused";
  for (let axis = 0; axis < rank; axis++) {
    const wanted = shape[axis];
    if (wanted !== FREE && wanted !== (given[axis] ?? 1)) return "refused";
  }
  if (loss === ONE_HOT && (given[rank - 1] ?? 1) === 1) return "refused";
  return expanded ? "expanded" : "asIs";
}
