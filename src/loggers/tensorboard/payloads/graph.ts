/**
 * A model as a GraphDef (TensorFlow's `graph.proto`) for `Event.graph_def`: one node per layer, with its inputs, type, shape and
 * number of parameters. TensorBoard draws boxes from names with "/". An input that is not a layer of the model becomes a node too,
 * so that no edge is lost.
 */
import type { LayerDescription, ModelDescription } from "../../../contract/index.js";
import { freeName } from "../../../support/unique-names.js";
import { ProtoWriter } from "../files/protobuf.js";
import { checkDescription } from "./description.js";
import { shapeOf } from "./value.js";

type Shape = readonly (number | null)[];

/** TensorFlow's numbers of element types, by the names that TensorFlow.js, Keras and safetensors use. */
const DATA_TYPES: ReadonlyMap<string, number> = new Map(
  Object.entries({
    float32: 1,
    float64: 2,
    int32: 3,
    uint8: 4,
    int16: 5,
    int8: 6,
    string: 7,
    complex64: 8,
    int64: 9,
    bool: 10,
    bfloat16: 14,
    uint16: 17,
    float16: 19,
    uint32: 22,
    F32: 1,
    F64: 2,
    I64: 9,
    I32: 3,
    I16: 5,
    I8: 6,
    U8: 4,
    U16: 17,
    U32: 22,
    BOOL: 10,
  }),
);
const INPUT_OP = "Placeholder";
const GRAPH_VERSION = 22;

/** The bytes of the GraphDef. Throws `ERR_CONFIG` for what is no description of a model. */
export function graphDef(description: ModelDescription): Uint8Array<ArrayBuffer> {
  const nodes = graphNodes(description);
  const graph = new ProtoWriter(nodes.length * 128 + 16);
  for (const node of nodes) graph.message(1, (writer) => putNode(writer, node));
  return graph.message(4, (versions) => versions.varint(1, GRAPH_VERSION)).finish();
}

/** The layers and the inputs that are not layers, with names that a graph may have. Throws as `graphDef`. */
export function graphNodes(description: ModelDescription): LayerDescription[] {
  checkDescription(description);
  const nodes = [...strayInputs(description), ...description.layers];
  const names = nodeNames(nodes.map(({ name }) => name));
  const nameOf = (name: string): string => names.get(name) ?? name;
  return nodes.map((node) => ({ ...node, name: nameOf(node.name), inputs: node.inputs.map(nameOf) }));
}

/** The inputs of layers that are not layers themselves; the signature may know their shapes. */
function strayInputs({ layers, signature }: ModelDescription): LayerDescription[] {
  const known = new Set(layers.map(({ name }) => name));
  const strays = new Set(layers.flatMap(({ inputs }) => inputs).filter((name) => !known.has(name)));
  return [...strays].map((name) => {
    const input = signature?.inputs.find((spec) => spec.name === name);
    return { name, op: INPUT_OP, inputs: [], outputShape: input?.shape, dtype: input?.dtype };
  });
}

/** The name of each node in the graph, where ":" and "^" have a meaning: characters are replaced, and no two names are the same. */
function nodeNames(names: readonly string[]): ReadonlyMap<string, string> {
  const taken = new Set<string>();
  const result = new Map<string, string>();
  for (const name of names) {
    if (result.has(name)) continue;
    const cleaned = name.replaceAll(/[^\p{L}\p{N}_.\-/]/gu, "_").replaceAll(/^\/+|\/+$|(?<=\/)\/+/gu, "") || "_";
    const unique = freeName(cleaned, taken, "_");
    taken.add(unique);
    result.set(name, unique);
  }
  return result;
}

function putNode(writer: ProtoWriter, layer: LayerDescription): void {
  writer.string(1, layer.name).string(2, layer.op);
  for (const input of layer.inputs) writer.string(3, input);
  const dataType = DATA_TYPES.get(layer.dtype ?? "");
  if (dataType !== undefined) putAttribute(writer, "dtype", (value) => value.varint(6, dataType));
  const shape: Shape | undefined = layer.outputShape;
  if (shape !== undefined) {
    putAttribute(writer, "_output_shapes", (value) => value.message(1, (list) => list.message(7, shapeOf(shape))));
  }
  const { parameters } = layer;
  if (parameters !== undefined) putAttribute(writer, "parameters", (value) => value.string(2, parameters.toLocaleString("en")));
}

/** Writes an entry of the node's attributes. */
function putAttribute(writer: ProtoWriter, name: string, put: (value: ProtoWriter) => void): void {
  writer.message(5, (entry) => entry.string(1, name).message(2, put));
}
