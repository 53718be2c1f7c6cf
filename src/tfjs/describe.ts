import type { LayerDescription, MaybePromise, ModelDescription, TensorSpec } from "../contract/index.js";
import { inboundLayers, isNestedModel } from "./layers.js";
import { isSynchronous, isTensor, type TfjsOps } from "./ops.js";
import type { TfjsLayer, TfjsLayersModel, TfjsSymbolicTensor, TfjsTensor } from "./types.js";

type Rename = (name: string) => string;
type Shape = readonly (number | null)[];

/** The graph of a model, the layers of nested models as `outer/inner`, with its signature and topology file. */
export function describeLayers(
  ops: TfjsOps,
  model: TfjsLayersModel,
  rename: Rename,
  sampleInput?: unknown,
): MaybePromise<ModelDescription> {
  const inputs = hiddenInputs(model, rename);
  const fedBy = inputs.map(({ name }) => name);
  const description: ModelDescription = {
    name: model.name,
    layers: [...inputs, ...layersOf(model, rename, "", fedBy)],
    parameterCount: model.countParams(),
    signature: { inputs: specsOf(model.inputs, model.inputNames), outputs: specsOf(model.outputs, model.outputNames) },
    files: [{ path: "model.json", bytes: new TextEncoder().encode(JSON.stringify(model.toJSON(null, false))) }],
  };
  const sample = isTensor(sampleInput) ? sampleInput : inputOf(sampleInput);
  if (sample === null) return description;
  if (isSynchronous(ops.getBackend())) return { ...description, inputExample: sample.arraySync() };
  return sample.array().then((inputExample) => ({ ...description, inputExample }));
}

/** The inputs of a sequential model, which TensorFlow.js does not count among its layers. */
function hiddenInputs(model: TfjsLayersModel, rename: Rename): LayerDescription[] {
  const hidden = model.inputs.filter(({ sourceLayer }) => !model.layers.includes(sourceLayer));
  return hidden.map(({ sourceLayer, dtype, shape }) => ({
    name: sourceLayer.name.replace(/^(.*?)(_input)?$/, (_, layer: string, suffix = "") => rename(layer) + suffix),
    op: sourceLayer.getClassName(),
    inputs: [],
    outputShape: shape,
    dtype,
    parameters: 0,
  }));
}

function specsOf(tensors: readonly TfjsSymbolicTensor[], names: readonly string[]): TensorSpec[] {
  return tensors.map(({ dtype, shape }, index) => ({ name: names[index], dtype, shape }));
}

/** The first input of a sample that is a batch. */
function inputOf(sample: unknown): TfjsTensor | null {
  if (typeof sample !== "object" || sample === null || !("xs" in sample)) return null;
  const { xs } = sample;
  if (isTensor(xs)) return xs;
  return typeof xs === "object" && xs !== null ? (Object.values(xs).find(isTensor) ?? null) : null;
}

function layersOf(model: TfjsLayersModel, rename: Rename, prefix: string, fedBy: string[]): LayerDescription[] {
  const own = new Set(model.layers);
  return model.layers.flatMap((layer) => {
    const before = inboundLayers(layer).filter((inbound) => own.has(inbound));
    const inputs = before.length === 0 ? fedBy : before.flatMap((inbound) => outputNames(inbound, rename, prefix));
    const name = prefix + rename(layer.name);
    if (isNestedModel(layer)) return layersOf(layer, rename, `${name}/`, inputs);
    const shape = outputShape(layer);
    const described: LayerDescription = {
      name,
      op: layer.getClassName(),
      inputs,
      dtype: layer.dtype,
      parameters: layer.countParams(),
    };
    return [shape === undefined ? described : { ...described, outputShape: shape }];
  });
}

/** The layers that give a layer's output: itself, or the last ones of a nested model. */
function outputNames(layer: TfjsLayer, rename: Rename, prefix: string): string[] {
  const name = prefix + rename(layer.name);
  if (!isNestedModel(layer)) return [name];
  return layer.outputs.flatMap(({ sourceLayer }) => outputNames(sourceLayer, rename, `${name}/`));
}

/** The shape of a layer's first use; of several outputs, the first. */
function outputShape(layer: TfjsLayer): Shape | undefined {
  const shapes = layer.inboundNodes[0]?.outputShapes;
  if (!Array.isArray(shapes)) return undefined;
  const [first] = shapes as unknown[];
  return (Array.isArray(first) ? first : shapes) as Shape;
}
