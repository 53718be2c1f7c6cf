/**
 * What could break a reader, as TensorBoard's HTTP API returns it with both of its loaders: names that JavaScript knows, the longest names,
 * the earliest and latest times, and points after one that was refused.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { SummaryWriter, TensorBoardBackend } from "../../src/loggers/tensorboard/index.js";
import { testRun } from "../contract/logger.js";
import { requirePython } from "../support/peers.js";
import { pixels } from "./png.js";
import { scalarsOf, serve, type Loader, type TensorBoard } from "./server.js";

const python = requirePython("TensorBoard names and times");
const logdir = mkdtempSync(join(tmpdir(), "trainscope-names-"));
const LONG = "学".repeat(1000);
const NAMES = ["constructor", "toString", "hasOwnProperty", "valueOf", "a/constructor", LONG];
const NOW = Math.floor(Date.now() / 1000);
const CENTURY = 99 * 365 * 86_400;
const values = Float32Array.of(0, 1);

const kinds: Record<string, (writer: SummaryWriter, name: string) => void> = {
  scalars: (writer, name) => {
    writer.addScalar(name, 1, 1);
    writer.addScalars({ [name]: 2, other: 3 }, 2);
  },
  histograms: (writer, name) => writer.addHistogram(name, values, 1),
  images: (writer, name) => writer.addImage(name, { width: 2, height: 1, channels: 1, data: Int32Array.of(3, 255) }, 1),
  text: (writer, name) => writer.addText(name, "text", 1),
  audio: (writer, name) => writer.addAudio(name, values, 8000, 1),
  pr_curves: (writer, name) => writer.addPrCurve(name, [0, 1], [0, 1], 1),
  mesh: (writer, name) => writer.addMesh(name, { vertices: new Float32Array(9) }, 1),
};

async function write(): Promise<void> {
  const writer = new SummaryWriter(join(logdir, "constructor"), { onError: () => {} });
  writer.addHparams({ constructor: 5, toString: "text", hasOwnProperty: true } as never, ["constructor", "toString"]);
  for (const [kind, add] of Object.entries(kinds)) for (const name of NAMES) add(writer.child(kind), name);
  writer.child("toString").addScalar("constructor", 4, 1);
  for (const [index, time] of [0, NaN, NOW * 1000, 1.5, NOW + CENTURY, -1, NOW].entries()) {
    writer.addScalar("times", index, index, time);
  }
  writer.addScalars({ "times/constructor": 1, "times/bad": "1" as never }, 1, NOW);
  const layer = { name: "constructor", op: "toString", inputs: ["hasOwnProperty"], dtype: "constructor", outputShape: [null, 3] };
  writer.addGraph({ layers: [layer] });
  await writer.close();
  expect(writer.report()).toMatchObject({ refused: 4, dropped: 0, pending: 0 });

  const backend = new TensorBoardBackend({ dir: join(logdir, "valueOf"), layout: "loaders" });
  backend.start(testRun(logdir));
  backend.logMetrics({ "train/constructor/loss_step": 1, "epoch/val_toString": 2, valueOf: 3 }, 1);
  backend.logParams({ constructor: 1 } as never);
  await backend.close("completed");
}

beforeAll(write);
afterAll(() => rmSync(logdir, { recursive: true, force: true }));

describe.skipIf(python === null).each<Loader>(["fast", "python"])("TensorBoard's %s loader", (loader) => {
  let board: TensorBoard;
  beforeAll(async () => {
    board = await serve(python as string, logdir, loader);
    const loaded = async (): Promise<void> => {
      const tags = await board.get<Record<string, object>>("/data/plugin/scalars/tags");
      expect(Object.keys(tags).toSorted()).toEqual([
        "constructor",
        "constructor/scalars",
        "constructor/toString",
        "valueOf",
        "valueOf/train/constructor",
        "valueOf/validation",
      ]);
      const meshes = await board.get<Record<string, object>>("/data/plugin/mesh/tags");
      expect(Object.keys(meshes["constructor/mesh"] ?? {})).toHaveLength(NAMES.length);
    };
    await vi.waitFor(loaded, { timeout: 90_000, interval: 300 });
  });
  afterAll(() => board.stop());

  test.each(NAMES)("a scalar named %s", async (name) => {
    expect(await scalarsOf(board, "constructor/scalars", name)).toEqual([
      [1, 1],
      [2, 2],
    ]);
  });

  test.each(["histograms", "images", "text", "audio", "pr_curves", "mesh"])("every name among the %s", async (kind) => {
    type Tags = Record<string, Record<string, unknown> | string[]>;
    const found = (await board.get<Tags>(`/data/plugin/${kind}/tags`))[`constructor/${kind}`] ?? {};
    const names = Array.isArray(found) ? found : Object.keys(found);
    expect(names.toSorted()).toEqual(NAMES.toSorted());
  });

  test("an image of 32-bit integers", async () => {
    const of = `run=constructor%2Fimages&tag=${encodeURIComponent(LONG)}`;
    const [meta] = await board.get<{ query: string }[]>(`/data/plugin/images/images?${of}&sample=0`);
    const png = await board.bytes(`/data/plugin/images/individualImage?${meta?.query ?? ""}`);
    expect(pixels(png, 1)).toEqual({ width: 2, height: 1, data: [3, 255] });
  });

  test("the earliest and the latest times, and the points after refused ones", async () => {
    const points = await board.get<[number, number, number][]>("/data/plugin/scalars/scalars?run=constructor&tag=times");
    expect(points).toEqual([
      [0, 0, 0],
      [1.5, 3, 3],
      [NOW + CENTURY, 4, 4],
      [NOW, 6, 6],
    ]);
    expect(await scalarsOf(board, "constructor", "times/constructor")).toEqual([[1, 1]]);
  });

  test("series that the layout gives runs of their own", async () => {
    expect(await scalarsOf(board, "valueOf/train/constructor", "loss_step")).toEqual([[1, 1]]);
    expect(await scalarsOf(board, "valueOf/validation", "epoch/toString")).toEqual([[1, 2]]);
    expect(await scalarsOf(board, "valueOf", "valueOf")).toEqual([[1, 3]]);
  });

  test("hparams and a layer of such names", async () => {
    type Groups = { sessionGroups: { hparams: Record<string, unknown> }[] };
    const request = { experimentName: "", colParams: [], startIndex: 0, sliceSize: 10, allowedStatuses: ["STATUS_SUCCESS"] };
    const { sessionGroups } = await board.get<Groups>("/data/plugin/hparams/session_groups", request);
    const given: object = { constructor: 5, hasOwnProperty: true, toString: "text" };
    expect(sessionGroups.map(({ hparams }) => ({ ...hparams }))).toContainEqual({ ...given });
    const graph = (await board.bytes("/data/plugin/graphs/graph?run=constructor")).toString();
    expect(graph).toContain('name: "constructor"');
    expect(graph).not.toContain('"dtype"');
  });
});
