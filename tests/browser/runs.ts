/** Two runs with every kind of data, such that a look at a tab shows whether it is right: an F that is not mirrored, a red sun. */
import { join } from "node:path";
import { SummaryWriter } from "../../src/loggers/tensorboard/index.js";
import { Random } from "../../src/support/random.js";
import { landscape, letter, ring } from "./pictures.js";

export const RUNS = ["adam", "sgd"] as const;
type RunName = (typeof RUNS)[number];

const STEPS = 200;
const START = 1_750_000_000;
const SPEED: Readonly<Record<RunName, number>> = { adam: 25, sgd: 60 };
const RATE: Readonly<Record<RunName, number>> = { adam: 0.001, sgd: 0.05 };
const SEED: Readonly<Record<RunName, number>> = { adam: 1, sgd: 2 };
export const TONE = { hertz: 440, rateHz: 8000, seconds: 1.5 };

/** Writes both runs below `logdir`; throws when a writer refused or dropped anything. */
export async function writeRuns(logdir: string): Promise<void> {
  for (const run of RUNS) {
    const writer = new SummaryWriter(join(logdir, run));
    const generator = new Random(SEED[run]);
    const random = (): number => generator.float();
    writer.addHparams({ optimizer: run, learningRate: RATE[run], batchSize: 64, augment: run === "adam" }, [
      "validation/loss",
      "validation/accuracy",
    ]);
    addCurves(writer, SPEED[run], random);
    addWeights(writer, SPEED[run], random);
    if (run === "adam") addTheRest(writer, random);
    await writer.close();
    const { refused, dropped } = writer.report();
    if (refused + dropped > 0) throw new Error(`The writer of ${run} refused ${refused} records and dropped ${dropped}.`);
  }
}

function addCurves(writer: SummaryWriter, speed: number, random: () => number): void {
  for (let step = 1; step <= STEPS; step += 1) {
    const at = START + step;
    const loss = 0.08 + 2.2 * Math.exp(-step / speed);
    const train = { "train/loss": loss * (1 + (random() - 0.5) * 0.3), "train/accuracy": 1 - loss / 2.5 };
    writer.addScalars(train, step, at);
    if (step % 10 !== 0) continue;
    const validation = loss * 1.15 + 0.03;
    writer.addScalars({ "validation/loss": validation, "validation/accuracy": 1 - validation / 2.5 }, step, at);
    writer.addScalars({ "validation/loss_low": validation * 0.85, "validation/loss_high": validation * 1.2 }, step, at);
  }
}

/** Normal distributions that widen from step to step, as those of weights do. */
function addWeights(writer: SummaryWriter, speed: number, random: () => number): void {
  for (let step = 20; step <= STEPS; step += 20) {
    const width = 0.05 + (0.25 * step) / STEPS;
    const weights = Float32Array.from({ length: 4000 }, () => bell(random) * width);
    writer.addHistogram("conv1/kernel", weights, step, { wallTime: START + step });
    const shift = 1 - Math.exp(-step / speed);
    const biases = Float32Array.from({ length: 1000 }, () => shift + bell(random) * 0.3);
    writer.addHistogram("dense/bias", biases, step, { wallTime: START + step, buckets: "tf1" });
  }
}

function addTheRest(writer: SummaryWriter, random: () => number): void {
  const at = START + STEPS;
  writer.addImage("samples/grey", letter(), STEPS, at);
  writer.addImage("samples/rgb", landscape(), STEPS, at);
  writer.addImage("samples/rgba", ring(), STEPS, at);
  addScatters(writer, random);
  writer.addText(
    "notes/run",
    "Trained with **every augmentation**:\n\n- flips\n- crops of `28 × 28`\n\nGrößer ist besser.",
    STEPS,
    at,
  );
  const rows = ["zero", "one", "two"].map((name, index) => [name, String(980 - index * 7), (0.97 - index / 100).toFixed(2)]);
  writer.addTable("notes/classes", [["class", "images", "recall"], ...rows], STEPS, at);
  writer.addAudio("sounds/tone", tone(), TONE.rateHz, STEPS, at);
  addPrCurves(writer, random);
  writer.addMesh("shapes/cube", CUBE, STEPS, at);
  writer.addMesh("shapes/spiral", { ...spiral(), config: { material: { cls: "PointsMaterial", size: 0.06 } } }, STEPS, at);
  addLayout(writer);
  addModel(writer);
}

/** Predictions that approach the targets. */
function addScatters(writer: SummaryWriter, random: () => number): void {
  for (const step of [20, 100, STEPS]) {
    const targets = Float32Array.from({ length: 400 }, () => random() * 10);
    const predictions = targets.map((target) => target + bell(random) * (60 / (step + 20)));
    writer.addScatter("predictions/price", targets, predictions, step, {
      wallTime: START + step,
      xLabel: "target",
      yLabel: "prediction",
      oneToOne: true,
    });
  }
}

function tone(): Float32Array {
  const { hertz, rateHz, seconds } = TONE;
  return Float32Array.from({ length: rateHz * seconds }, (_, index) => 0.3 * Math.sin((2 * Math.PI * hertz * index) / rateHz));
}

function addPrCurves(writer: SummaryWriter, random: () => number): void {
  for (let step = 50; step <= STEPS; step += 50) {
    const labels = Array.from({ length: 1000 }, (_, index) => index % 3 === 0);
    const scores = labels.map((label) => 1 / (1 + Math.exp(-((label ? 1 : -1) * (step / 250) + bell(random)))));
    writer.addPrCurve("classes/zero", labels, scores, step, { wallTime: START + step });
  }
}

function addLayout(writer: SummaryWriter): void {
  const margins = [{ value: "validation/loss", lower: "validation/loss_low", upper: "validation/loss_high" }];
  writer.addCustomScalars({
    categories: [
      {
        title: "Overfitting",
        charts: [
          { title: "loss", tags: ["train/loss$", "validation/loss$"] },
          { title: "loss with its band", margins },
        ],
      },
      { title: "Folded", charts: [{ title: "accuracy", tags: [".*/accuracy"] }], closed: true },
    ],
  });
}

/** A small network with two inputs and two outputs. */
function addModel(writer: SummaryWriter): void {
  const layer = (name: string, op: string, inputs: string[], outputShape: (number | null)[], parameters = 0): Layer => {
    return { name, op, inputs, outputShape: [null, ...outputShape], dtype: "float32", parameters };
  };
  const model: Model = {
    name: "digits",
    layers: [
      layer("image", "InputLayer", [], [28, 28, 1]),
      layer("position", "InputLayer", [], [2]),
      layer("features/conv1", "Conv2D", ["image"], [26, 26, 8], 80),
      layer("features/pool1", "MaxPooling2D", ["features/conv1"], [13, 13, 8]),
      layer("features/conv2", "Conv2D", ["features/pool1"], [11, 11, 16], 1168),
      layer("features/flatten", "Flatten", ["features/conv2"], [1936]),
      layer("joined", "Concatenate", ["features/flatten", "position"], [1938]),
      layer("hidden", "Dense", ["joined"], [32], 62_048),
      layer("class", "Dense", ["hidden"], [10], 330),
      layer("box", "Dense", ["hidden"], [4], 132),
    ],
  };
  writer.addGraph(model);
  writer.addKerasGraph(model);
}
type Model = Parameters<SummaryWriter["addGraph"]>[0];
type Layer = Model["layers"][number];

/** A cube whose corners are coloured by their coordinates. */
const CUBE = {
  vertices: Float32Array.from({ length: 24 }, (_, index) => (cornerBit(index) ? 1 : -1)),
  colors: Uint8Array.from({ length: 24 }, (_, index) => (cornerBit(index) ? 255 : 40)),
  faces: Int32Array.of(
    ...[0, 2, 3, 0, 3, 1, 4, 5, 7, 4, 7, 6, 0, 1, 5, 0, 5, 4],
    ...[2, 6, 7, 2, 7, 3, 0, 4, 6, 0, 6, 2, 1, 3, 7, 1, 7, 5],
  ),
};

/** A cloud of points that spirals upwards, from blue to red. */
function spiral(): { vertices: Float32Array; colors: Uint8Array } {
  const points = Array.from({ length: 600 }, (_, index) => index / 600);
  return {
    vertices: Float32Array.from(points.flatMap((part) => [Math.cos(part * 25), part * 3 - 1.5, Math.sin(part * 25)])),
    colors: Uint8Array.from(points.flatMap((part) => [255 * part, 60, 255 * (1 - part)])),
  };
}

/** Whether corner `index / 3` is on the far side of axis `index % 3`. */
function cornerBit(index: number): boolean {
  return ((Math.floor(index / 3) >> (index % 3)) & 1) === 1;
}

/** Normally distributed (Box and Muller). */
function bell(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}
