/** The main job's parts, and one short run of it with everything on and off. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as tf from "@tensorflow/tfjs";
import type { TfjsBatch, TfjsTensor } from "trainscope/tfjs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startWasm } from "../../examples/digits/backend.js";
import { digitLoader, type Digits, loadDigits, PIXELS, SIDE } from "../../examples/digits/data.js";
import { runDigits } from "../../examples/digits/run.js";
import { tableOf } from "../../examples/digits/table.js";
import { testDigits } from "../../examples/digits/test.js";
import { BACKENDS, randoms } from "./harness.js";

const runsDir = mkdtempSync(join(tmpdir(), "trainscope-digits-"));
afterAll(() => rmSync(runsDir, { recursive: true, force: true }));

const imageOf = ({ pixels }: Digits, index: number): string => pixels.subarray(index * PIXELS, (index + 1) * PIXELS).join();
/** The pixels without empty rows and columns around them: the same for all shifts of a digit that lose nothing. */
function unshifted(image: string): string {
  const values = image.split(",");
  const rows = Array.from({ length: SIDE }, (_, row) => values.slice(row * SIDE, (row + 1) * SIDE));
  const hasInk = (line: readonly string[]): boolean => line.some((value) => value !== "0");
  const used = rows.filter(hasInk);
  const columns = Array.from({ length: SIDE }, (_, column) => column).filter((column) =>
    hasInk(used.map((row) => row[column] ?? "0")),
  );
  return used.map((row) => columns.map((column) => row[column]).join()).join(";");
}

const images = (digits: Digits): string[] => Array.from(digits.labels, (_, index) => imageOf(digits, index));

function pixelsOf(batch: TfjsBatch | undefined): Float32Array {
  const { xs, ys } = batch as { xs: TfjsTensor; ys: TfjsTensor };
  const values = xs.dataSync() as Float32Array;
  tf.dispose([xs, ys] as never);
  return values;
}

describe.runIf(BACKENDS.includes("wasm"))("the digits example", () => {
  beforeAll(startWasm);

  test("divides the digits into 7,200, 800 and 2,000 of every class; no part has a digit of another one, shifted or not", () => {
    const parts = loadDigits();
    const { train, validation, test: tested } = parts;
    expect([train, validation, tested].map(({ labels }) => labels.length)).toEqual([7200, 800, 2000]);
    for (let label = 0; label < 10; label++) {
      const [trained = 0, validated = 0, held = 0] = [train, validation, tested].map(
        ({ labels }) => labels.filter((other) => other === label).length,
      );
      const all = trained + validated + held;
      expect(held / all).toBeCloseTo(0.2, 2);
      expect(validated / all).toBeCloseTo(0.08, 2);
    }
    const shapes = [train, validation, tested].map((digits) => images(digits).map(unshifted));
    const [trained, validated, held] = shapes.map((list) => new Set(list)) as [Set<string>, Set<string>, Set<string>];
    expect(shapes[2]?.filter((shape) => trained.has(shape) || validated.has(shape))).toEqual([]);
    expect(shapes[1]?.filter((shape) => trained.has(shape) || held.has(shape))).toEqual([]);
    expect(images(loadDigits().test)).toEqual(images(tested));
  });

  test("shifts by up to two pixels, by seed and pass; validation shifts stay the same", () => {
    const ink = new Float32Array(PIXELS);
    ink[14 * SIDE + 14] = 1;
    const one: Digits = { pixels: ink, labels: Uint8Array.of(3) };
    const placeOf = (pass: number, options: { shift: number; shuffle?: boolean }, seed = 1): string => {
      const loader = digitLoader(tf, one, { batchSize: 1, ...options });
      loader.seed?.(seed);
      const [batch] = [...(loader.batches(pass) as Iterable<TfjsBatch>)];
      const at = pixelsOf(batch).indexOf(1);
      return `${(at % SIDE) - 14},${Math.floor(at / SIDE) - 14}`;
    };
    const places = Array.from({ length: 200 }, (_, pass) => placeOf(pass, { shift: 2 }));
    expect(new Set(places.flatMap((place) => place.split(",")))).toEqual(new Set(["-2", "-1", "0", "1", "2"]));
    expect(placeOf(5, { shift: 2 })).toBe(places[5]);
    expect(Array.from({ length: 20 }, (_, pass) => placeOf(pass, { shift: 2 }, 2))).not.toEqual(places.slice(0, 20));
    expect(new Set([0, 1, 2, 3, 4].map((pass) => placeOf(pass, { shift: 2, shuffle: false }, pass))).size).toBe(1);
    expect(placeOf(3, { shift: 0 })).toBe("0,0");
  });

  test("a saved position continues with the next batch, with the same shifts", () => {
    const { test: digits } = loadDigits();
    const make = () => {
      const loader = digitLoader(tf, digits, { batchSize: 300, shift: 2 });
      loader.seed?.(4);
      return loader;
    };
    const whole = [...(make().batches(1) as Iterable<TfjsBatch>)].map(pixelsOf);
    expect(whole).toHaveLength(7);
    const stopped = make();
    const iterator = (stopped.batches(1) as Iterable<TfjsBatch>)[Symbol.iterator]();
    for (let batch = 0; batch < 5; batch++) pixelsOf(iterator.next().value as TfjsBatch);
    const resumed = make();
    void resumed.loadState?.(stopped.state?.() ?? null);
    expect([...(resumed.batches(1) as Iterable<TfjsBatch>)].map(pixelsOf)).toEqual(whole.slice(5));
  });

  test("multiplying with transposed matrices gives what the cpu backend gives, and keeps no memory", async () => {
    const shapes = { a: [3, 5], b: [5, 4] } as const;
    const product = (transposeA: boolean, transposeB: boolean) =>
      tf.tidy(() => {
        const a = tf.tensor2d(randoms(15, 1), transposeA ? [5, 3] : [...shapes.a]);
        const b = tf.tensor2d(randoms(20, 2), transposeB ? [4, 5] : [...shapes.b]);
        return [...tf.matMul(a, b, transposeA, transposeB).dataSync()];
      });
    const cases = [
      [false, false],
      [true, false],
      [false, true],
      [true, true],
    ] as const;
    const before = tf.memory();
    const fast = cases.map(([a, b]) => product(a, b));
    expect(tf.memory()).toMatchObject({ numTensors: before.numTensors, numDataBuffers: before.numDataBuffers });
    await tf.setBackend("cpu");
    const plain = cases.map(([a, b]) => product(a, b));
    await tf.setBackend("wasm");
    fast.flat().forEach((value, index) => expect(value).toBeCloseTo(plain.flat()[index] as number, 5));
  });

  test("a short run with everything on learns and leaves a summary; with everything off it learns the same", async () => {
    const seen = await runDigits({ epochs: 1, runsDir, runName: "seen" });
    const unseen = await runDigits({ everything: false, epochs: 1, runsDir, runName: "unseen" });
    expect(seen.result).toMatchObject({ status: "completed", epochs: 1, steps: 125 });
    expect(seen.result.metrics["val/clean/accuracy"]).toBeGreaterThan(0.85);
    const { clean, shifted } = testDigits(seen.net);
    expect(clean.accuracy).toBeGreaterThan(0.85);
    expect(clean.accuracy).toBeGreaterThan(shifted.accuracy);
    expect(clean.all.reduce((sum, count) => sum + count, 0)).toBe(2000);
    expect(clean.wrong.reduce((sum, count) => sum + count, 0)).toBe(Math.round(2000 * (1 - clean.accuracy)));
    for (const line of tableOf(seen.result, { clean, shifted }).split("\n")) expect(line.length).toBeLessThanOrEqual(80);
    const learned = ["val/clean/loss", "val/shifted/loss", "val/clean/accuracy", "train/loss"];
    expect(learned.map((name) => unseen.result.metrics[name])).toEqual(learned.map((name) => seen.result.metrics[name]));
    const summary = JSON.parse(readFileSync(join(seen.result.dir, "summary.json"), "utf8")) as {
      metrics: Record<string, number>;
    };
    expect(summary.metrics["val/clean/accuracy"]).toBe(seen.result.metrics["val/clean/accuracy"]);
    expect(existsSync(join(seen.result.dir, "log"))).toBe(true);
  });
});
