/** What a value in the `logs` of `model.fit` is logged as: its metric, by the name that a trainer has for it, of training or validation. */
export interface FitName {
  readonly split: "train" | "val";
  readonly metric: string;
}

/** A compiled model as `model.fit` reports it. */
export interface FitLabels {
  /** The keys of the batch logs, in order: the loss, with several outputs the loss of each, then the metrics. */
  readonly labels: readonly string[];
  /** What the metrics behind the loss are called here, in the same order. */
  readonly metrics: readonly string[];
  /** Outputs of the model. */
  readonly outputs: number;
}

const VALIDATION = "val_";

/**
 * The name of every key of the logs; null for one that is not what its key says.
 * Where a model has n outputs, TensorFlow.js 4 puts the running sums of their losses before the metrics of a validation, and so has the
 * total under the n-th key, and each metric n - 1 keys too late; the sums before the total are no metric.
 */
export function fitNames({ labels, metrics, outputs }: FitLabels): Map<string, FitName | null> {
  const called = ["loss", ...metrics];
  const names = new Map<string, FitName | null>();
  for (const [index, label] of labels.entries()) {
    names.set(label, { split: "train", metric: called[index] ?? label });
    const shift = index - (outputs - 1);
    names.set(VALIDATION + label, shift < 0 ? null : { split: "val", metric: called[shift] ?? label });
  }
  return names;
}

/** The name of a key that a callback has added to the logs. */
export function addedName(key: string): FitName {
  return key.startsWith(VALIDATION) ? { split: "val", metric: key.slice(VALIDATION.length) } : { split: "train", metric: key };
}
