// Training a model in plain TypeScript: logistic regression, with two weighted loaders and early stopping.
import {
  GenericTrainer,
  arrayLoader,
  type DataLoader,
  type Optimizer,
  type StateTree,
  type StepResult,
  type TrainableModel,
} from "trainscope";

export interface Point {
  x: readonly [number, number];
  label: 0 | 1;
}

/** Points of the plane, labelled by which side of a line they are on. */
export function makePoints(count: number, seed: number): Point[] {
  let state = seed;
  const random = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state / 2 ** 32) * 2 - 1;
  };
  return Array.from({ length: count }, () => {
    const x: [number, number] = [random(), random()];
    return { x, label: 2 * x[0] - x[1] + 0.2 > 0 ? 1 : 0 };
  });
}

export class LogisticRegression implements TrainableModel<Point[]> {
  readonly metricNames: readonly string[] = ["accuracy"];
  readonly weights: Float64Array = new Float64Array(3);
  readonly optimizer: Optimizer = { name: "sgd", learningRate: 0.5, state: () => ({}), loadState() {} };

  trainStep(batch: Point[]): StepResult {
    const gradient = new Float64Array(3);
    const result = this.evalStep(batch, gradient);
    for (const [i, slope] of gradient.entries()) this.weights[i]! -= this.optimizer.learningRate * slope;
    return result;
  }

  /** Loss and accuracy. Adds the mean gradient to `gradient` when it is given. */
  evalStep(batch: Point[], gradient?: unknown): StepResult {
    let loss = 0;
    let correct = 0;
    for (const { x, label } of batch) {
      const probability = this.predict(x);
      loss -= Math.log(label === 1 ? probability : 1 - probability);
      if (probability > 0.5 === (label === 1)) correct++;
      if (gradient instanceof Float64Array) {
        for (const [i, input] of [...x, 1].entries()) gradient[i]! += ((probability - label) * input) / batch.length;
      }
    }
    return { loss: loss / batch.length, metrics: { accuracy: correct / batch.length }, batchSize: batch.length };
  }

  predict([a, b]: readonly [number, number]): number {
    const [w0 = 0, w1 = 0, bias = 0] = this.weights;
    return 1 / (1 + Math.exp(-(w0 * a + w1 * b + bias)));
  }

  state(): StateTree {
    return { weights: { shape: [3], dtype: "F64", data: this.weights.slice() } };
  }

  loadState(state: StateTree): void {
    this.weights.set(state["weights"]?.data as Float64Array);
  }
}

/** Shuffled batches of 32. The last batch of a pass may be smaller; it then has less weight in every mean. */
export function loaderOf(points: Point[]): DataLoader<Point[]> {
  return arrayLoader(points, { batchSize: 32, shuffle: true });
}

if (import.meta.filename === process.argv[1]) {
  const model = new LogisticRegression();
  const trainer = new GenericTrainer<Point[]>(
    {
      maxEpochs: 30,
      seed: 7,
      trainLoaderConfig: { samplingStrategy: "weighted", dataloaderWeights: { near: 0.7, far: 0.3 } },
      logging: { logEveryNSteps: 20, logLoaderProportions: true },
      hooks: { enableEarlyStoppingHook: true, earlyStoppingConfig: { monitor: "val/loss", patience: 3, minDelta: 0.005 } },
    },
    model,
    model.optimizer,
  );
  const result = await trainer.fit({
    train: { near: loaderOf(makePoints(1000, 1)), far: loaderOf(makePoints(500, 2)) },
    validation: loaderOf(makePoints(500, 3)),
  });
  const probability = model.predict([0.5, -0.5]).toFixed(3);
  console.log(`\naccuracy ${result.metrics["val/accuracy"]}; at (0.5, -0.5) label 1 with probability ${probability}`);
}
