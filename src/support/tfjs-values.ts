/**
 * What a value of TensorFlow.js is, by its shape: for adapters, and for errors where one is given in place of what the trainer takes.
 * No version of TensorFlow.js is imported.
 */

const hasKeys = (value: unknown, ...keys: readonly string[]): boolean =>
  typeof value === "object" && value !== null && keys.every((key) => key in value);

/** True for a `tf.Tensor` of any copy of TensorFlow.js. */
export function isTensorValue(value: unknown): boolean {
  return hasKeys(value, "dataSync", "dtype");
}

/** True for a `tf.data.Dataset`. */
export function isDataset(value: unknown): boolean {
  return hasKeys(value, "forEachAsync");
}

/** True for a `LayersModel`. */
export function isLayersModel(value: unknown): boolean {
  return hasKeys(value, "compile", "calculateLosses");
}

/** True for a `tf.train` optimizer. */
export function isTfOptimizer(value: unknown): boolean {
  return hasKeys(value, "applyGradients", "getClassName");
}

const LOADER = "tfjsLoader(tf, { xs, ys }, { batchSize: 32 })";
const TENSORS =
  `Tensors become a loader by tfjsLoader of trainscope/tfjs:\n  trainer.fit({ train: ${LOADER} });\n` +
  "and with a validationSplit by tfjsSplit:\n  trainer.fit(tfjsSplit(tf, { xs, ys }, { validationSplit: 0.2, batchSize: 32 }));";
const DATASET =
  "A tf.data.Dataset becomes a loader by tfjsLoader of trainscope/tfjs:\n" +
  "  trainer.fit({ train: tfjsLoader(tf, dataset, { batchSize: 32 }) });\nand without batchSize where its elements are batches already.";

/** How data of TensorFlow.js is given to a trainer; null for any other value. */
export function tfjsDataAdvice(value: unknown): string | null {
  if (isDataset(value)) return DATASET;
  return isTensors(value) || (hasKeys(value, "xs", "ys") && isTensors((value as { xs: unknown }).xs)) ? TENSORS : null;
}

/** True for a tensor, and for a list or a record of nothing else. */
function isTensors(value: unknown): boolean {
  if (isTensorValue(value)) return true;
  if (typeof value !== "object" || value === null || ArrayBuffer.isView(value)) return false;
  const inner: unknown[] = Object.values(value);
  return inner.length > 0 && inner.every(isTensorValue);
}
