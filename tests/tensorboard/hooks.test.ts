/** A TensorFlow.js model trained with every hook that logs what it looks like, as the real TensorBoard returns it. */
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { GenericTrainer, type GenericTrainerConfig } from "../../src/index.js";
import { tfjsLoader, tfjsModel } from "../../src/tfjs/index.js";
import { requirePython } from "../support/peers.js";
import { MemoryBackend } from "../support/memory-backend.js";
import { temporaryRuns } from "../support/run.js";
import { randoms, tf, useBackend } from "../tfjs/harness.js";
import { pixels } from "./png.js";
import { scalarsOf, serve, shown, type Loader, type TensorBoard } from "./server.js";

const python = requirePython("the hooks in TensorBoard");
const runsDir = temporaryRuns();
const SIDE = 8;
const IMAGES = 12;
const BATCH = 4;
const EPOCHS = 6;
const STEPS = (IMAGES / BATCH) * EPOCHS;

/** Brightness that 8 bits can represent, so that it is returned exactly. */
const brightness = Float32Array.from(randoms(IMAGES * SIDE * SIDE, 3), (value) => Math.round((value + 1) * 127) / 255);
const labels = Float32Array.from({ length: IMAGES }, (_, index) => Math.sin(index));

const config: GenericTrainerConfig = {
  maxEpochs: EPOCHS,
  runName: "run",
  runsDir,
  validation: { everyNEpochs: 3 },
  hooks: {
    enableModelGraph: true,
    enableWeightHistograms: true,
    weightHistogramsConfig: { histogramFreq: 9 },
    enableGradientMonitor: true,
    gradientMonitorConfig: { logFrequency: 6, histogram: true },
    enableSampleImages: true,
    sampleImagesConfig: { imageFreq: STEPS, maxImages: 4 },
    enablePredictionScatter: true,
    enableConfusionMatrix: true,
    confusionMatrixConfig: { threshold: 0, labels: ["falls", "rises"] },
    enableLearningRateMonitor: true,
  },
  system: { enabled: true, intervalSteps: 5 },
};

let kernel: Float32Array;
const memory = new MemoryBackend();

beforeAll(async () => {
  await useBackend("wasm");
  const net = tf.sequential({
    layers: [
      tf.layers.flatten({ inputShape: [SIDE, SIDE, 1], name: "pixels" }),
      tf.layers.dense({ units: 5, name: "hidden", kernelInitializer: tf.initializers.glorotUniform({ seed: 1 }) }),
      tf.layers.dense({ units: 1, name: "score", kernelInitializer: tf.initializers.glorotUniform({ seed: 2 }) }),
    ],
  });
  const { model, optimizers } = tfjsModel(tf, { model: net, optimizer: tf.train.sgd(0.01), loss: "meanSquaredError" });
  const logging = { loggerType: "tensorboard", logEveryNSteps: 1, loggers: [memory] } as const;
  const trainer = new GenericTrainer({ ...config, logging }, model, optimizers);
  const data = () => ({ xs: tf.tensor4d(brightness, [IMAGES, SIDE, SIDE, 1]), ys: tf.tensor2d(labels, [IMAGES, 1]) });
  const result = await trainer.fit({
    train: tfjsLoader(tf, data(), { batchSize: BATCH }),
    validation: tfjsLoader(tf, data(), { batchSize: BATCH }),
  });
  if (memory.warnings.length > 0 || result.steps !== STEPS) throw new Error(`${result.steps} steps: ${memory.warnings.join()}`);
  kernel = net.getLayer("hidden").getWeights()[0]?.dataSync() as Float32Array;
});

const run = join("run", "tensorboard");
const of = (tag: string): string => `run=${encodeURIComponent(run)}&tag=${encodeURIComponent(tag)}`;
type Bucket = [left: number, right: number, count: number];

describe.skipIf(python === null).each<Loader>(["fast", "python"])("TensorBoard's %s loader", (loader) => {
  let board: TensorBoard;
  beforeAll(async () => {
    board = await serve(python as string, runsDir, loader);
    const loaded = async (): Promise<void> => {
      const end = memory.series("final/total_steps");
      expect(await scalarsOf(board, run, "final/total_steps").catch(() => [])).toEqual(end);
      expect(end).toHaveLength(1);
    };
    await vi.waitFor(loaded, { timeout: 90_000, interval: 300 });
  });
  afterAll(() => board.stop());

  const histograms = (tag: string): Promise<[number, number, Bucket[]][]> =>
    board.get(`/data/plugin/histograms/histograms?${of(tag)}`);
  const images = async (tag: string): Promise<{ step: number; png: Buffer }[]> => {
    const list = await board.get<{ step: number; query: string }[]>(`/data/plugin/images/images?${of(tag)}&sample=0`);
    const png = ({ query }: { query: string }): Promise<Buffer> => board.bytes(`/data/plugin/images/individualImage?${query}`);
    return Promise.all(list.map(async (item) => ({ step: item.step, png: await png(item) })));
  };

  test("weights: at the due steps, the last ones those that the model ended with", async () => {
    const points = await histograms("weights/hidden/kernel");
    expect(points.map(([, step]) => step)).toEqual([9, 18]);
    const last = points[1]?.[2] ?? [];
    expect(last.reduce((sum, [, , count]) => sum + count, 0)).toBe(kernel.length);
    expect([last[0]?.[0], last.at(-1)?.[1]]).toEqual([Math.min(...kernel), Math.max(...kernel)]);
  });

  test("gradients: at the due steps, with the norms that were logged beside them", async () => {
    const points = await histograms("gradients/score/kernel/histogram");
    expect(points.map(([, step]) => step)).toEqual([6, 12, 18]);
    const largest = memory.series("gradients/score/kernel/max");
    for (const [index, [, step, buckets]] of points.entries())
      expect([step, Math.max(...buckets.flatMap(([left, right]) => [Math.abs(left), Math.abs(right)]))]).toEqual(largest[index]);
  });

  test("images: the first of the batch, pixel by pixel", async () => {
    const [picture, ...others] = await images("samples/train");
    expect([picture?.step, others]).toEqual([STEPS, []]);
    const { width, height, data } = pixels(picture?.png as Buffer, 1);
    expect([width, height]).toEqual([2 * SIDE + 6, 2 * SIDE + 6]);
    const first = Array.from({ length: SIDE }, (_, row) =>
      data.slice((2 + row) * width + 2, (2 + row) * width + 2 + SIDE),
    ).flat();
    const start = (IMAGES - BATCH) * SIDE * SIDE; // the last batch of an epoch, in order
    expect(first).toEqual(Array.from(brightness.slice(start, start + SIDE * SIDE), (value) => Math.round(value * 255)));
  });

  test("predictions against targets: one picture a validation", async () => {
    const pictures = await images("predictions/val");
    expect(pictures.map(({ step }) => step)).toEqual([9, 18]);
    expect(pixels(pictures[0]?.png as Buffer, 3)).toMatchObject({ width: 560, height: 420 });
  });

  test("the confusion matrix: one picture a validation", async () => {
    const pictures = await images("confusion/val");
    expect(pictures.map(({ step }) => step)).toEqual([9, 18]);
    const { width, height, data } = pixels(pictures[0]?.png as Buffer, 3);
    expect([width, height].every((side) => side > 300 && side < 560)).toBe(true);
    expect(new Set(data).size).toBeGreaterThan(10); // shades
  });

  test.each([
    "train/learning_rate",
    "train/loss_step",
    "epoch/val_loss",
    "epoch/val_f1",
    "system/memory_used_gb",
    "gradients/global_norm",
  ])("%s is what was logged", async (name) => {
    const logged = memory.series(name).map(([step, value]) => [step, Math.fround(value)]);
    expect(logged.length).toBeGreaterThan(0);
    await expect.poll(shown(board, run, name), { timeout: 90_000, interval: 200 }).toEqual(logged);
  });

  test("the graph, and the params as hparams of one run that succeeded", async () => {
    const graph = (await board.bytes(`/data/plugin/graphs/graph?run=${encodeURIComponent(run)}`)).toString();
    for (const layer of ["pixels_input", "pixels", "hidden", "score"]) expect(graph).toContain(`name: "${layer}"`);
    type Groups = { sessionGroups: { hparams: Record<string, unknown>; sessions: { status: string }[] }[] };
    const request = { experimentName: "", colParams: [], startIndex: 0, sliceSize: 10, allowedStatuses: ["STATUS_SUCCESS"] };
    const { sessionGroups } = await board.get<Groups>("/data/plugin/hparams/session_groups", request);
    expect(sessionGroups.map(({ sessions }) => sessions.length)).toEqual([1]);
    expect(sessionGroups[0]?.hparams).toMatchObject({ maxEpochs: EPOCHS, batchSize: BATCH, "hooks.enableModelGraph": true });
  });
});
