import { FREE, ONE_HOT, type Slot, SPARSE } from "./fit-shapes.js";

/** Both shapes of a tensor that does not fit, and what to change. */
export function shapeMessage(given: readonly number[], slot: Slot): string {
  const { name, modelShape, shape, loss } = slot;
  const [what, own] = slot.side === "xs" ? ["xs", "input"] : ["ys", "output"];
  const wants = loss === SPARSE ? `, for which ${SPARSE} takes class indices of the shape ${shapeText(shape)}` : "";
  return `${what} "${name}" of the batch has the shape ${shapeText(given)}, the model's ${own} has ${shapeText(modelShape)}${wants}.\n${adviceFor(given, slot)}`;
}

/** `[null, 3]`, as TensorFlow.js prints it. */
function shapeText(shape: readonly number[]): string {
  return `[${shape.map((size) => (size === FREE ? "null" : size)).join(", ")}]`;
}

interface Advice {
  applies(given: readonly number[], slot: Slot): boolean;
  text(given: readonly number[], slot: Slot): string;
}

const last = (shape: readonly number[]): number => shape.at(-1) ?? FREE;

function fits(given: readonly number[], wanted: readonly number[]): boolean {
  return given.length === wanted.length && given.every((size, axis) => wanted[axis] === FREE || wanted[axis] === size);
}

/** The shape of one sample, which is [1] where the tensor has one value for each. */
function sampleOf(given: readonly number[]): readonly number[] {
  return given.length === 1 ? [1] : given.slice(1);
}

/** Values of one sample, or FREE where a size is free. */
function valuesOf(shape: readonly number[]): number {
  const sizes = shape.slice(1);
  return sizes.includes(FREE) ? FREE : sizes.reduce((product, size) => product * size, 1);
}

/** Of several that apply the first one is said. */
const ADVICE: readonly Advice[] = [
  {
    applies: (given) => given.length === 0,
    text: () =>
      "A batch has its samples along the first dimension; a scalar has none. Group samples by `batchSize` of tfjsLoader, or make the tensor with tf.tensor1d([…]).",
  },
  {
    applies: (given, { loss, shape }) => loss === ONE_HOT && last(shape) === 1 && given.length > 0,
    text: () =>
      `One output unit is no choice between classes: use the loss "binaryCrossentropy" with a sigmoid, or one output unit for each class.`,
  },
  {
    applies: (given, { loss }) => loss === ONE_HOT && (given.length === 1 || last(given) === 1),
    text: () => `For class indices use the loss "${SPARSE}"; ${ONE_HOT} takes one-hot targets, as tf.oneHot makes them.`,
  },
  {
    applies: (given, { loss, modelShape }) => loss === SPARSE && fits(given, modelShape),
    text: () => `For one-hot targets use the loss "${ONE_HOT}"; class indices are targets.argMax(-1).expandDims(-1).`,
  },
  {
    applies: (given, { shape }) => given.length === shape.length && given[0] !== shape[0] && fits(given.slice(1), shape.slice(1)),
    text: (_, { shape: [samples] }) =>
      `A stateful model takes batches of one size: set \`batchSize: ${samples}\` and \`dropLast: true\` in the loader.`,
  },
  {
    applies: (given, { shape }) => fits(given, shape.slice(1)),
    text: () =>
      "It has the shape of one sample: group samples by `batchSize` of tfjsLoader, or add the dimension of the samples with tensor.expandDims(0).",
  },
  {
    applies: (given, { shape }) => last(shape) === 1 && fits(given, shape.slice(0, -1)),
    text: () => "Add the last dimension: tensor.expandDims(-1).",
  },
  {
    applies: (given, { shape }) => last(given) === 1 && fits(given.slice(0, -1), shape),
    text: (given) => `Remove the last dimension: tensor.squeeze([${given.length - 1}]).`,
  },
  {
    applies: (given, { shape }) => valuesOf(shape) !== FREE && valuesOf(given) === valuesOf(shape),
    text: (_, { shape }) =>
      `Each sample has as many values as it should: tensor.reshape([${[-1, ...shape.slice(1)].join(", ")}]).`,
  },
  {
    applies: (_, { side }) => side === "xs",
    text: (given) => `Change the data, or the model's inputShape to ${shapeText(sampleOf(given))}.`,
  },
  {
    applies: (_, { loss }) => loss === null,
    text: () =>
      "model.fit takes targets of the output's shape only. A loss function of targets of another shape is trained by tfjsModel(tf, { variables, loss, optimizer }).",
  },
];

function adviceFor(given: readonly number[], slot: Slot): string {
  const found = ADVICE.find(({ applies }) => applies(given, slot));
  return (
    found?.text(given, slot) ?? `Change the targets, or the last layer to an output of ${shapeText([FREE, ...sampleOf(given)])}.`
  );
}
