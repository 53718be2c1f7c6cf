/** Payloads of every kind and the input they were made from, for check.py. */
import type { ImageData, TypedArray } from "../../../src/contract/index.js";
import { audioValue } from "../../../src/loggers/tensorboard/payloads/audio.js";
import { customScalarsValue } from "../../../src/loggers/tensorboard/payloads/custom-scalars.js";
import { graphDef } from "../../../src/loggers/tensorboard/payloads/graph.js";
import { histogramValue } from "../../../src/loggers/tensorboard/payloads/histogram.js";
import { hparamsExperimentValue, sessionEndValue, sessionStartValue } from "../../../src/loggers/tensorboard/payloads/hparams.js";
import { imagesValue } from "../../../src/loggers/tensorboard/payloads/image.js";
import { meshValues } from "../../../src/loggers/tensorboard/payloads/mesh.js";
import { prCurveValue } from "../../../src/loggers/tensorboard/payloads/pr-curve.js";
import { tableValue } from "../../../src/loggers/tensorboard/payloads/table.js";
import { textValue } from "../../../src/loggers/tensorboard/payloads/text.js";
import { Random } from "../../../src/support/random.js";

/** One comparison: `payloads` must equal what the `tensorboard` package encodes for `input`. */
export interface Case {
  name: string;
  kind: string;
  payloads: Uint8Array[];
  input: Record<string, unknown>;
}

const DTYPES: Readonly<Record<string, string>> = {
  Float32Array: "<f4",
  Float64Array: "<f8",
  Int32Array: "<i4",
  Int8Array: "i1",
  Uint8Array: "u1",
  BigInt64Array: "<i8",
};

function packed(values: TypedArray): { dtype: string | undefined; bytes: string } {
  const bytes = Buffer.from(values.buffer, values.byteOffset, values.byteLength).toString("base64");
  return { dtype: DTYPES[values.constructor.name], bytes };
}

const random = new Random(1);
const next = (): number => random.float();
const spread = (count: number, size: number): number[] =>
  Array.from({ length: count }, () => (next() - 0.5) * 10 ** (next() * size - size / 2));
const bell = (count: number): number[] =>
  Array.from({ length: count }, () => Array.from({ length: 6 }, next).reduce((sum, value) => sum + value) - 3);

const NUMBERS: Readonly<Record<string, TypedArray>> = {
  "a bell of 20,000 float32": Float32Array.from(bell(20_000)),
  "float64 of many sizes": Float64Array.from(spread(5000, 30)),
  "with NaN and infinities": Float32Array.of(NaN, 1, Infinity, 2.5, -Infinity, -7, NaN),
  "all the same": new Float32Array(50).fill(0.1),
  "one value": Float64Array.of(-3),
  "neighbours of one": Float64Array.of(1, 1 + Number.EPSILON, 1 + 2 * Number.EPSILON),
  "subnormal numbers": Float64Array.of(5e-324, 1e-310, 0, -1e-312),
  "zeros of both signs": Float64Array.of(0, -0, 1e-13, -1e-13, 1e25, -1e25),
  "whole numbers": Int32Array.from(bell(1000), (value) => value * 1000),
  bytes: Uint8Array.from(bell(1000), (value) => value * 40 + 128),
  "64-bit whole numbers": BigInt64Array.of(-5n, 2n ** 52n, 7n, 7n),
};

function histograms(): Case[] {
  const cases: Case[] = [];
  for (const [name, values] of Object.entries(NUMBERS)) {
    for (const buckets of [30, 1, 7] as const) {
      const payloads = [histogramValue("weights", values, { buckets })];
      const input = { tag: "weights", values: packed(values), buckets };
      cases.push({ name: `histogram of ${name}, ${buckets}`, kind: "histogram", payloads, input });
    }
    const payloads = [histogramValue("weights/ü", values, { buckets: "tf1" })];
    cases.push({ name: `tf1 histogram of ${name}`, kind: "tf1", payloads, input: { tag: "weights/ü", values: packed(values) } });
  }
  const empty = { tag: "none", values: packed(Float32Array.of(NaN)), buckets: 30 };
  const payloads = [histogramValue("none", Float32Array.of(NaN))];
  return [...cases, { name: "histogram of nothing finite", kind: "histogram", payloads, input: empty }];
}

function images(): Case[] {
  const sizes = [17, 16].flatMap((width) => ([1, 3, 4] as const).map((channels) => ({ width, height: 9, channels })));
  return sizes.flatMap(({ width, height, channels }) => {
    const bytes = Uint8Array.from({ length: width * height * channels }, (_, index) => (index * 7 + next() * 9) & 255);
    const floats = Float32Array.from(bytes, (byte) => byte / 255);
    return [bytes, floats].map((data): Case => {
      const image: ImageData = { width, height, channels, data };
      const input = { width, height, channels, pixels: packed(bytes) };
      const name = `images of ${channels} channels, ${width} wide, from ${data.constructor.name}`;
      return { name, kind: "image", payloads: [imagesValue("samples", [image, image])], input };
    });
  });
}

function texts(): Case[] {
  const rows = [
    ["name", "value"],
    ["a|b", "**not bold** _nor_ `code` <b>nor html</b> &amp;"],
    ["# no heading", "[no](link) ![no](picture)"],
    ["two\nlines", "日本語 ü 🙂"],
    ["", "\\ \\| ~~x~~ 1. - * + http://example.com a@b.c"],
  ];
  const text = "# Notes\n\n日本語 **bold** | 🙂\u0000";
  return [
    { name: "text", kind: "text", payloads: [textValue("notes/日", text)], input: { tag: "notes/日", text } },
    { name: "table", kind: "table", payloads: [tableValue("table", rows)], input: { rows } },
  ];
}

function curves(): Case[] {
  const truth = Uint8Array.from({ length: 3000 }, () => Number(next() < 0.3));
  const scores = Array.from(truth, (label) => Math.min(1, Math.max(0, 0.3 * label + next() * 0.8 - 0.05)));
  return [Float32Array, Float64Array].flatMap((kind) =>
    [201, 2, 127].map((thresholds): Case => {
      const values = kind.from(scores);
      const payloads = [prCurveValue("digits/pr", truth, values, { thresholds })];
      const input = { tag: "digits/pr", labels: packed(truth), scores: packed(values), thresholds };
      return { name: `pr curve, ${thresholds} thresholds, ${kind.name}`, kind: "pr_curve", payloads, input };
    }),
  );
}

function others(): Case[] {
  const hparams = { lr: 0.001, zero: 0, layers: 3, dropout: true, off: false, optimizer: "adam", none: "", größe: 1e-300 };
  const session = { hparams, groupName: "trial 7", startTimeSecs: 1_700_000_000.25 };
  const metrics = ["val/loss", { tag: "loss", group: "train" }];
  const vertices = Float32Array.of(0, 0, 0, 1, 0, 0, 0, 1, 0.5);
  const faces = Int32Array.of(0, 1, 2);
  const colors = Uint8Array.of(255, 0, 0, 0, 255, 0, 0, 0, 255);
  const config = { camera: { cls: "PerspectiveCamera" } };
  const margins = [{ value: "loss", lower: "loss/low", upper: "loss/high" }];
  const charts = [
    { title: "losses", tags: ["train/loss", "val/.*"] },
    { title: "band", margins },
  ];
  const layout = {
    categories: [
      { title: "main", charts },
      { title: "folded", charts: [], closed: true },
    ],
  };
  return [
    {
      name: "hparams",
      kind: "hparams",
      payloads: [
        sessionStartValue(session),
        hparamsExperimentValue({ hparams, metrics, timeCreatedSecs: session.startTimeSecs }),
        sessionEndValue("success", session.startTimeSecs),
      ],
      input: { hparams, group: session.groupName, time: session.startTimeSecs },
    },
    {
      name: "custom scalars",
      kind: "custom_scalars",
      payloads: [customScalarsValue(layout)],
      input: {
        layout: {
          category: [
            {
              title: "main",
              chart: [
                { title: "losses", multiline: { tag: ["train/loss", "val/.*"] } },
                { title: "band", margin: { series: margins } },
              ],
            },
            { title: "folded", closed: true },
          ],
        },
      },
    },
    {
      name: "audio",
      kind: "audio",
      payloads: [audioValue("beep", Float32Array.of(0, 0.5, 1, 3, -1, -2, -0.25, 0.25), 44_100, { channels: 2 })],
      input: { channels: 2, rate: 44_100, samples: [0, 16_384, 32_767, 32_767, -32_767, -32_767, -8192, 8192] },
    },
    {
      name: "mesh",
      kind: "mesh",
      payloads: meshValues("thing", { vertices, faces: Uint32Array.from(faces), colors, config }),
      input: {
        tag: "thing",
        vertices: packed(vertices),
        faces: packed(faces),
        colors: packed(colors),
        config: JSON.stringify(config),
      },
    },
    graph(),
  ];
}

function graph(): Case {
  const dense = { op: "Dense", dtype: "float32" };
  const description = {
    layers: [
      { name: "image", op: "InputLayer", inputs: [], outputShape: [null, 6], dtype: "float32" },
      { name: "encoder/wide", ...dense, inputs: ["image"], outputShape: [null, 4], parameters: 28 },
      { name: "join", op: "Concatenate", inputs: ["encoder/wide", "text:0"], outputShape: [null, 6], dtype: "float32" },
      { name: "out a", ...dense, inputs: ["join"], outputShape: [null, 2] },
      { name: "out:a", op: "Round", inputs: ["out a"], outputShape: [], dtype: "int32" },
    ],
    signature: { inputs: [{ name: "text:0", dtype: "int32", shape: [null, 2] }], outputs: [] },
  };
  const nodes = [
    { name: "text_0", op: "Placeholder", inputs: [], dtype: 3, shape: [-1, 2] },
    { name: "image", op: "InputLayer", inputs: [], dtype: 1, shape: [-1, 6] },
    { name: "encoder/wide", op: "Dense", inputs: ["image"], dtype: 1, shape: [-1, 4] },
    { name: "join", op: "Concatenate", inputs: ["encoder/wide", "text_0"], dtype: 1, shape: [-1, 6] },
    { name: "out_a", op: "Dense", inputs: ["join"], dtype: 1, shape: [-1, 2] },
    { name: "out_a_2", op: "Round", inputs: ["out_a"], dtype: 3, shape: [] },
  ];
  return { name: "graph", kind: "graph", payloads: [graphDef(description)], input: { nodes } };
}

export const CASES: readonly Case[] = [...histograms(), ...images(), ...texts(), ...curves(), ...others()];
