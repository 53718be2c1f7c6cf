import { NO_CLASS, type ClassPairs } from "./class-pairs.js";

/** How many samples there are of what. */
export interface ConfusionTotals {
  /** By true class. */
  ofTruth: Float64Array;
  /** By predicted class; the last value is the count of predictions that are NaN. */
  ofPrediction: Float64Array;
  /** Taken for the right class. */
  right: number;
  /** All that have a class. */
  samples: number;
}

/** How often each class was taken for each other one. */
export class ConfusionCounts {
  readonly classes: number;
  /** The model has one output: class 1 is what it is asked for. */
  readonly isBinary: boolean;
  /** Samples whose target is no class; they count nowhere else. */
  withoutTarget = 0;
  /** A row for each true class; its last value is for predictions of NaN. */
  readonly #counts: Float64Array;

  constructor({ classes, isBinary }: Pick<ClassPairs, "classes" | "isBinary">) {
    this.classes = classes;
    this.isBinary = isBinary;
    this.#counts = new Float64Array(classes * (classes + 1));
  }

  /** Adds a batch of the same number of classes. */
  add({ truth, predicted }: ClassPairs): void {
    const width = this.classes + 1;
    for (let i = 0; i < truth.length; i++) {
      const row = truth[i] as number;
      const column = predicted[i] as number;
      if (row === NO_CLASS) this.withoutTarget++;
      else (this.#counts[row * width + (column === NO_CLASS ? this.classes : column)] as number)++;
    }
  }

  /** Adds the counts of another loader. */
  addAll(other: ConfusionCounts): void {
    this.withoutTarget += other.withoutTarget;
    other.#counts.forEach((count, at) => ((this.#counts[at] as number) += count));
  }

  /** Samples of class `truth` that were taken for `predicted`. */
  at(truth: number, predicted: number): number {
    return this.#counts[truth * (this.classes + 1) + predicted] as number;
  }

  /** Samples of class `truth` whose prediction is NaN. */
  unpredicted(truth: number): number {
    return this.at(truth, this.classes);
  }

  /** All sums, in one pass. */
  totals(): ConfusionTotals {
    const ofTruth = new Float64Array(this.classes);
    const ofPrediction = new Float64Array(this.classes + 1);
    let right = 0;
    for (let truth = 0; truth < this.classes; truth++) {
      for (let predicted = 0; predicted <= this.classes; predicted++) {
        const count = this.at(truth, predicted);
        (ofTruth[truth] as number) += count;
        (ofPrediction[predicted] as number) += count;
      }
      right += this.at(truth, truth);
    }
    return { ofTruth, ofPrediction, right, samples: ofTruth.reduce((sum, count) => sum + count, 0) };
  }
}
