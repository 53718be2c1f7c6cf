/** Every kind of data, as TensorBoard's HTTP API returns it with both of its loaders: exactly what was logged. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { SummaryWriter } from "../../src/loggers/tensorboard/index.js";
import { requirePython } from "../support/peers.js";
import { pixels } from "./png.js";
import { scalarsOf, serve, type Loader, type TensorBoard } from "./server.js";

const python = requirePython("TensorBoard");
const logdir = mkdtempSync(join(tmpdir(), "trainscope-board-"));
const RUN = "träin";
const LONG = "0123456789".repeat(5000);
const VALUES: readonly number[] = [0.1, -0, 1e-30, NaN, Infinity, -Infinity, 3.4e38, 2];

async function write(): Promise<void> {
  const writer = new SummaryWriter(join(logdir, RUN));
  writer.addHparams({ rate: 0.001, optimizer: "adam", nesterov: false, zero: 0 }, ["loss/größe"]);
  VALUES.forEach((value, index) => writer.addScalar("loss/größe", value, index + 1, 1_700_000_000 + index / 4));
  writer.addScalars({ "a/x": 1.5, "b/y": -2.25 }, 2 ** 31 - 1);
  writer.addHistogram(
    "weights",
    Float32Array.from({ length: 1000 }, (_, index) => index / 1000),
    3,
  );
  writer.addHistogram("weights", new Float64Array([1, 1, 1]), 4, { buckets: "tf1" });
  for (const channels of [1, 3, 4] as const) {
    const data = Uint8Array.from({ length: 3 * 2 * channels }, (_, index) => index * 10);
    writer.addImage(`image/${channels}`, { width: 3, height: 2, channels, data }, 5);
  }
  writer.addText("note", "größer **fett** 学習 🧪", 6);
  writer.addText("long", LONG, 6);
  writer.addTable(
    "table",
    [
      ["name", "value"],
      ["<b>", "a|b"],
    ],
    6,
  );
  writer.addAudio(
    "sound",
    Float32Array.from({ length: 800 }, (_, index) => Math.sin(index / 4)),
    8000,
    7,
  );
  writer.addPrCurve("pr", [1, 0, 1, 0], [0.9, 0.1, 0.8, 0.7], 8, { thresholds: 5 });
  writer.addMesh("mesh", { vertices: new Float32Array([0, 0, 0, 1, 0, 0, 0, 1, 0]), faces: new Int32Array([0, 1, 2]) }, 9);
  writer.addCustomScalars({ categories: [{ title: "both", charts: [{ title: "loss", tags: ["loss/.*"] }] }] });
  writer.addGraph({
    layers: [
      { name: "input", op: "InputLayer", inputs: [], outputShape: [null, 4] },
      { name: "dense", op: "Dense", inputs: ["input"], outputShape: [null, 2] },
    ],
  });
  await writer.close();
  expect(writer.report()).toMatchObject({ refused: 0, dropped: 0 });
}

beforeAll(write);
afterAll(() => rmSync(logdir, { recursive: true, force: true }));

const run = encodeURIComponent(RUN);
const of = (tag: string): string => `run=${run}&tag=${encodeURIComponent(tag)}`;

describe.skipIf(python === null).each<Loader>(["fast", "python"])("TensorBoard's %s loader", (loader) => {
  let board: TensorBoard;
  beforeAll(async () => {
    board = await serve(python as string, logdir, loader);
    const loaded = async (): Promise<void> => {
      const tags = await board.get<Record<string, object>>("/data/plugin/mesh/tags");
      expect(Object.keys(tags[RUN] ?? {})).toEqual(["mesh"]);
    };
    await vi.waitFor(loaded, { timeout: 90_000, interval: 300 });
  });
  afterAll(() => board.stop());

  test("scalars", async () => {
    const points = await scalarsOf(board, RUN, "loss/größe");
    expect(points).toEqual(VALUES.map((value, index) => [index + 1, Math.fround(value)]));
    expect(await scalarsOf(board, RUN, "a/x")).toEqual([[2 ** 31 - 1, 1.5]]);
    expect(await scalarsOf(board, RUN, "b/y")).toEqual([[2 ** 31 - 1, -2.25]]);
    const timed = await board.get<[number, number, unknown][]>(`/data/plugin/scalars/scalars?${of("loss/größe")}`);
    expect(timed.map(([wallTime]) => wallTime)).toEqual(VALUES.map((_, index) => 1_700_000_000 + index / 4));
  });

  test("histograms", async () => {
    type Bucket = [number, number, number];
    const points = await board.get<[number, number, Bucket[]][]>(`/data/plugin/histograms/histograms?${of("weights")}`);
    expect(points.map(([, step]) => step)).toEqual([3, 4]);
    const [first, second] = points.map(([, , buckets]) => buckets) as [Bucket[], Bucket[]];
    expect(first).toHaveLength(30);
    expect(first.reduce((sum, [, , count]) => sum + count, 0)).toBe(1000);
    expect([first[0]?.[0], first.at(-1)?.[1]]).toEqual([0, Math.fround(0.999)]);
    expect(second.reduce((sum, [, , count]) => sum + count, 0)).toBe(3);
  });

  test.each([1, 3, 4])("an image of %i channels", async (channels) => {
    type Meta = { step: number; query: string };
    const [meta] = await board.get<Meta[]>(`/data/plugin/images/images?${of(`image/${channels}`)}&sample=0`);
    expect(meta).toMatchObject({ step: 5 });
    const png = await board.bytes(`/data/plugin/images/individualImage?${meta?.query ?? ""}`);
    const data = Array.from({ length: 6 * channels }, (_, index) => index * 10);
    expect(pixels(png, channels)).toEqual({ width: 3, height: 2, data });
  });

  test("text and tables", async () => {
    const text = async (tag: string): Promise<string> =>
      (await board.get<{ text: string }[]>(`/data/plugin/text/text?${of(tag)}`)).map((item) => item.text).join();
    expect(await text("note")).toBe("<p>größer <strong>fett</strong> 学習 🧪</p>");
    expect(await text("long")).toBe(`<p>${LONG}</p>`);
    const table = await text("table");
    expect(table).toContain("<th>name</th>");
    expect(table).toContain("<td>&#60;b&#62;</td>");
    expect(table).toContain("<td>a&#124;b</td>");
  });

  test("sound", async () => {
    const [meta] = await board.get<{ query: string; step: number }[]>(`/data/plugin/audio/audio?${of("sound")}&sample=0`);
    expect(meta?.step).toBe(7);
    const wav = await board.bytes(`/data/plugin/audio/individualAudio?${meta?.query ?? ""}`);
    expect(wav.toString("latin1", 0, 4)).toBe("RIFF");
    expect(wav.readUInt32LE(24)).toBe(8000);
    expect(wav.length).toBe(44 + 1600);
  });

  test("precision-recall curves", async () => {
    type Curve = { step: number; precision: number[]; recall: number[]; thresholds: number[] };
    const curves = await board.get<Record<string, Curve[]>>(`/data/plugin/pr_curves/pr_curves?tag=pr&run=${run}`);
    expect(curves[RUN]?.[0]).toMatchObject({ step: 8, thresholds: [0, 0.25, 0.5, 0.75] }); // at 1 nothing is positive
    expect(curves[RUN]?.[0]?.recall).toEqual([1, 1, 1, 1]);
  });

  test("hparams", async () => {
    type Groups = {
      sessionGroups: { hparams: Record<string, unknown>; sessions: { status: string; metricValues: object[] }[] }[];
    };
    const request = { experimentName: "", colParams: [], startIndex: 0, sliceSize: 10, allowedStatuses: ["STATUS_SUCCESS"] };
    const { sessionGroups } = await board.get<Groups>("/data/plugin/hparams/session_groups", request);
    expect(sessionGroups).toHaveLength(1);
    expect(sessionGroups[0]?.hparams).toEqual({ rate: 0.001, optimizer: "adam", nesterov: false, zero: 0 });
    expect(sessionGroups[0]?.sessions[0]?.status).toBe("STATUS_SUCCESS");
  });

  test("the graph, custom scalars and meshes", async () => {
    const graph = (await board.bytes(`/data/plugin/graphs/graph?run=${run}`)).toString();
    expect(graph).toContain('name: "dense"');
    expect(graph).toContain('input: "input"');
    const layout = await board.get<{ category: { title: string }[] }>("/data/plugin/custom_scalars/layout");
    expect(layout.category.map(({ title }) => title)).toEqual(["both"]);
    const meshes = await board.get<{ content_type: string }[]>(`/data/plugin/mesh/meshes?run=${run}&tag=mesh&sample=0`);
    expect(meshes).toHaveLength(2);
  });
});
