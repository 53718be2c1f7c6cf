/**
 * A model as Keras 3 writes a functional model in JSON, for TensorBoard's conceptual graph. TensorBoard reads edges from `args`
 * and `keras_history` since version 2.17; older ones fail on them, so this graph is only written beside a GraphDef.
 */
import type { LayerDescription, ModelDescription } from "../../../contract/index.js";
import { TrainscopeError } from "../../../support/errors.js";
import { graphNodes } from "./graph.js";
import { DataClass, pluginValue, stringTensor } from "./value.js";

/** The tag by which TensorBoard finds the graph. */
const TAG = "keras";
/** The version of the plugin's data. */
const VERSION = "1";

/** The model as a Summary.Value. Throws `ERR_METRIC_VALUE` where it has no layers: TensorBoard fails on such a graph. */
export function kerasGraphValue(description: ModelDescription): Uint8Array<ArrayBuffer> {
  const layers = graphNodes(description);
  if (layers.length === 0)
    throw new TrainscopeError("ERR_METRIC_VALUE", "The model has no layers. A Keras graph needs at least one.");
  const tensor = stringTensor([1], [JSON.stringify(functionalModel(layers))]);
  return pluginValue({
    tag: TAG,
    plugin: "graph_keras_model",
    content: new TextEncoder().encode(VERSION),
    dataClass: DataClass.blobs,
    tensor,
  });
}

function functionalModel(layers: readonly LayerDescription[]): object {
  const byName = new Map(layers.map((layer) => [layer.name, layer]));
  const feeding = new Set(layers.flatMap(({ inputs }) => inputs));
  return {
    module: "keras",
    class_name: "Functional",
    config: {
      name: "", // with a name, TensorBoard would put all layers into one closed box
      layers: layers.map((layer) => layerOf(layer, byName)),
      input_layers: layers.filter(({ inputs }) => inputs.length === 0).map(({ name }) => [name, 0, 0]),
      output_layers: layers.filter(({ name }) => !feeding.has(name)).map(({ name }) => [name, 0, 0]),
    },
  };
}

function layerOf({ name, op, inputs, dtype }: LayerDescription, byName: ReadonlyMap<string, LayerDescription>): object {
  const tensors = inputs.map((input) => {
    const from = byName.get(input);
    const config = { shape: from?.outputShape ?? null, dtype: from?.dtype ?? "float32", keras_history: [input, 0, 0] };
    return { class_name: "__keras_tensor__", config };
  });
  return {
    module: "keras.layers",
    class_name: op.replaceAll(/[^ -~]/g, "_"), // TensorBoard accepts only ASCII here
    name,
    config: { name, ...(dtype === undefined ? {} : { dtype }) },
    inbound_nodes: tensors.length === 0 ? [] : [{ args: [tensors], kwargs: {} }],
  };
}
