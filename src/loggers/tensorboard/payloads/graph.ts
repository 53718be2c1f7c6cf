/**
 * A model as a GraphDef for `Event.graph_def`: one node a layer, with its inputs, type, shape and parameters. TensorBoard
 * makes boxes of names with "/". Inputs that are no layer of the model become nodes of their own, so that no edge is lost.
 */
import type { LayerDescription, ModelDescription } from "../../../contract/index.js";
import { ProtoWriter } from "../files/protobuf.js";
import { shapeOf } from "./value.js";

type Shape = readonly (number | null)[];

/** By the names that TensorFlow.js, Keras and safetensors use. */
const DATA_TYPES: Readonly<Record<string, number>> = {
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
};
const INPUT_OP = "Placeholder";
const GRAPH_VERSION = 22;

/** The bytes of a GraphDef. */
export function graphDef(description: ModelDescription): Uint8Array<ArrayBuffer> {
  const nodes = graphNodes(description);
  const graph = new ProtoWriter(nodes.length * 128 + 16);
  for (const node of nodes) graph.message(1, (writer) => putNode(writer, node));
  return graph.message(4, (versions) => versions.varint(1, GRAPH_VERSION)).finish();
}

/** The layers, and the inputs that are none, by names that a graph may have. */
export function graphNodes(description: ModelDescription): LayerDescription[] {
  const nodes = [...strayInputs(description), ...description.layers];
  const names = nodeNames(nodes.map(({ name }) => name));
  const nameOf = (name: string): string => names.get(name) ?? name;
  return nodes.map((node) => ({ ...node, name: nameOf(node.name), inputs: node.inputs.map(nameOf) }));
}

/** What layers name as their input and no layer is; the signature may know its shape. */
function strayInputs({ layers, signature }: ModelDescription): LayerDescription[] {
  const known = new Set(layers.map(({ name }) => name));
  const strays = new Set(layers.flatMap(({ inputs }) => inputs).filter((name) => !known.has(name)));
  return [...strays].map((name) => {
    const input = signature?.inputs.find((spec) => spec.name === name);
    return { name, op: INPUT_OP, inputs: [], outputShape: input?.shape, dtype: input?.dtype };
  });
}

/** Names as a graph takes them: ":" would be an output's number, "^" an edge without data; and no two are the same. */
function nodeNames(names: readonly string[]): ReadonlyMap<string, string> {
  const taken = new Set<string>();
  const result = new Map<string, string>();
  for (const name of names) {
    if (result.has(name)) continue;
    const cleaned = name.replaceAll(/[^\p{L}\p{N}_.\-/]/gu, "_").replaceAll(/^\/+|\/+$|(?<=\/)\/+/gu, "") || "_";
    let unique = cleaned;
    for (let number = 1; taken.has(unique); number += 1) unique = `${cleaned}_${number}`;
    taken.add(unique);
    result.set(name, unique);
  }
  return result;
}

function putNode(writer: ProtoWriter, layer: LayerDescription): void {
  writer.string(1, layer.name).string(2, layer.op);
  for (const input of layer.inputs) writer.string(3, input);
  const dataType = DATA_TYPES[layer.dtype ?? ""];
  if (dataType !== undefined) putAttribute(writer, "dtype", (value) => value.varint(6, dataType));
  const shape: Shape | undefined = layer.outputShape;
  if (shape !== undefined) {
    putAttribute(writer, "_output_shapes", (value) => value.message(1, (list) => list.message(7, shapeOf(shape))));
  }
  const { parameters } = layer;
  if (parameters !== undefined) putAttribute(writer, "parameters", (value) => value.string(2, parameters.toLocaleString("en")));
}

/** An entry of the node's map of attributes. */
function putAttribute(writer: ProtoWriter, name: string, put: (value: ProtoWriter) => void): void {
  writer.message(5, (entry) => entry.string(1, name).message(2, put));
}
