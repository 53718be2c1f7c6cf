import { expect, test } from "vitest";
import { fitOf, inputSlot, outputSlot } from "../../src/tfjs/fit-shapes.js";
import { shapeMessage } from "../../src/tfjs/shape-advice.js";

const ONE_HOT = "categoricalCrossentropy";
const SPARSE = "sparseCategoricalCrossentropy";
const input = (shape: (number | null)[], exact = false) => inputSlot("in", shape, exact);
const output = (shape: (number | null)[], loss: string | null = "meanSquaredError") => outputSlot("out", shape, loss, false);

test.each([
  { given: [8], slot: output([null, 1]), fit: "expanded" },
  { given: [8, 1], slot: output([null, 1]), fit: "asIs" },
  { given: [8], slot: output([null]), fit: "asIs" }, // an output of one value without a dimension of its own
  { given: [8], slot: output([null, null]), fit: "expanded" },
  { given: [8, 7, 2], slot: output([null, null, 2]), fit: "asIs" },
  { given: [8], slot: output([null, 3], SPARSE), fit: "expanded" },
  { given: [8, 5, 1], slot: output([null, 5, 3], SPARSE), fit: "asIs" },
  { given: [8], slot: output([null, null], ONE_HOT), fit: "refused" },
  { given: [8, 2], slot: output([null, null], ONE_HOT), fit: "asIs" },
  { given: [4, 2], slot: input([8, 2]), fit: "asIs" }, // model.fit looks at no batch size either
  { given: [4, 2], slot: input([8, 2], true), fit: "refused" },
  { given: [], slot: input([null, 2]), fit: "refused" },
])("$given for $slot.modelShape with $slot.loss is $fit", ({ given, slot, fit }) => {
  expect(fitOf(given, slot)).toBe(fit);
});

/** What a message says to do, and the shape or the slot after that. */
test.each([
  { given: [8, 5], slot: output([null, 5, 1]), says: "tensor.expandDims(-1)", then: [8, 5, 1] },
  { given: [8, 2, 1], slot: output([null, 2]), says: "tensor.squeeze([2])", then: [8, 2] },
  { given: [4], slot: input([null, 4]), says: "tensor.expandDims(0)", then: [1, 4] },
  { given: [8, 784], slot: input([null, 28, 28, 1]), says: "tensor.reshape([-1, 28, 28, 1])", then: [8, 28, 28, 1] },
  {
    given: [8, 3],
    slot: output([null, 3], SPARSE),
    says: `use the loss "${ONE_HOT}"`,
    then: [8, 3],
    fixed: output([null, 3], ONE_HOT),
  },
  { given: [8, 3], slot: output([null, 3], SPARSE), says: "targets.argMax(-1).expandDims(-1)", then: [8, 1] },
  { given: [8], slot: output([null, 3], ONE_HOT), says: `use the loss "${SPARSE}"`, then: [8], fixed: output([null, 3], SPARSE) },
  { given: [8, 1], slot: output([null, 1], ONE_HOT), says: '"binaryCrossentropy"', then: [8, 1], fixed: output([null, 1]) },
  {
    given: [8, 2],
    slot: output([null, 1]),
    says: "the last layer to an output of [null, 2]",
    then: [8, 2],
    fixed: output([null, 2]),
  },
  { given: [8], slot: output([null, 3]), says: "the last layer to an output of [null, 1]", then: [8], fixed: output([null, 1]) },
  { given: [8, 3], slot: input([null, 4]), says: "inputShape to [3]", then: [8, 3], fixed: input([null, 3]) },
  { given: [4, 2], slot: input([8, 2], true), says: "`batchSize: 8`", then: [8, 2] },
])("the advice for $given for $slot.modelShape holds: $says", ({ given, slot, says, then, fixed = slot }) => {
  expect(fitOf(given, slot)).toBe("refused");
  expect(shapeMessage(given, slot)).toContain(says);
  expect(fitOf(then, fixed)).not.toBe("refused");
});
