/** The graph of a TensorFlow.js model as TensorBoard reads it: several inputs and outputs, nested models, shapes on the edges. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { SummaryWriter } from "../../src/loggers/tensorboard/index.js";
import { tfjsModel } from "../../src/tfjs/index.js";
import { requirePython } from "../support/peers.js";
import { tf, useBackend } from "../tfjs/harness.js";
import { serve, type Loader, type TensorBoard } from "./server.js";

const python = requirePython("the model's graph in TensorBoard");
const logdir = mkdtempSync(join(tmpdir(), "trainscope-board-"));
afterAll(() => rmSync(logdir, { recursive: true, force: true }));

type Symbolic = ReturnType<typeof tf.input>;

/** Two inputs, a functional and a sequential model inside, two outputs. */
function twoTowers(): ReturnType<typeof tf.model> {
  const image = tf.input({ shape: [6], name: "image" });
  const text = tf.input({ shape: [2], name: "text" });
  const encoder = tf.sequential({
    name: "encoder",
    layers: [tf.layers.dense({ units: 4, inputShape: [6], name: "wide" }), tf.layers.dense({ units: 3, name: "narrow" })],
  });
  const left = tf.input({ shape: [3], name: "left" });
  const right = tf.input({ shape: [2], name: "right" });
  const mixed = tf.layers.concatenate({ name: "mix" }).apply([left, right]) as Symbolic;
  const joiner = tf.model({ inputs: [left, right], outputs: mixed, name: "joiner" });
  const joined = joiner.apply([encoder.apply(image) as Symbolic, text]) as Symbolic;
  const kind = tf.layers.dense({ units: 2, name: "kind", activation: "softmax" }).apply(joined) as Symbolic;
  const size = tf.layers.dense({ units: 1, name: "size" }).apply(joined) as Symbolic;
  return tf.model({ inputs: [image, text], outputs: [kind, size], name: "two_towers" });
}

beforeAll(async () => {
  await useBackend("cpu");
  const { model } = tfjsModel(tf, {
    model: twoTowers(),
    optimizer: "sgd",
    loss: ["categoricalCrossentropy", "meanSquaredError"],
  });
  const writer = new SummaryWriter(join(logdir, "run"));
  const description = await model.describe();
  writer.addGraph(description);
  writer.addKerasGraph(description);
  writer.addScalar("loss", 1, 1);
  await writer.close();
  const { refused, dropped } = writer.report();
  if (refused + dropped > 0) throw new Error(`The writer refused ${refused} records and dropped ${dropped}.`);
});

/** Which nodes feed which, from the text form of a GraphDef. */
function edgesOf(graph: string): Record<string, string[]> {
  const nodes = graph.split(/^node \{$/m).slice(1);
  const named = (node: string, field: string): string[] =>
    [...node.matchAll(new RegExp(`^ {2}${field}: "(.*)"$`, "gm"))].map((match) => match[1] as string);
  return Object.fromEntries(nodes.map((node) => [named(node, "name")[0] ?? "", named(node, "input").sort()]));
}

const EDGES = {
  image: [],
  text: [],
  "encoder/wide": ["image"],
  "encoder/narrow": ["encoder/wide"],
  "joiner/mix": ["joiner/left", "joiner/right"],
  kind: ["joiner/mix"],
  size: ["joiner/mix"],
};

describe.skipIf(python === null).each<Loader>(["fast", "python"])("TensorBoard's %s loader", (loader) => {
  let board: TensorBoard;
  beforeAll(async () => {
    board = await serve(python as string, logdir, loader);
    const graphs = async (): Promise<unknown> => board.get("/data/plugin/graphs/info").catch(() => ({}));
    const loaded = async (): Promise<void> =>
      expect(await graphs()).toMatchObject({ run: { run_graph: true, tags: { keras: { conceptual_graph: true } } } });
    await vi.waitFor(loaded, { timeout: 90_000, interval: 300 });
  });
  afterAll(() => board.stop());

  test.each([
    { name: "the graph", path: "/data/plugin/graphs/graph?run=run" },
    { name: "the graph as Keras writes it", path: "/data/plugin/graphs/graph?run=run&tag=keras&conceptual=true" },
  ])("$name has every layer and every edge", async ({ path }) => {
    expect(edgesOf((await board.bytes(path)).toString())).toMatchObject(EDGES);
  });

  test("edges have the layers' shapes", async () => {
    const graph = (await board.bytes("/data/plugin/graphs/graph?run=run")).toString();
    const wide = graph.split(/^node \{$/m).find((node) => node.includes('name: "encoder/wide"')) ?? "";
    expect([...wide.matchAll(/size: (-?\d+)/g)].map(([, size]) => Number(size))).toEqual([-1, 4]);
    expect(wide).toContain('op: "Dense"');
  });
});
