/** What the `run.json` of a trainer must look like. A manager alone saves whatever its user gives it. */
import type { StateValue } from "../../contract/index.js";
import {
  aFlag,
  aNumber,
  anAmount,
  anything,
  aText,
  aWholeNumber,
  fields,
  is,
  listOf,
  oneOf,
  orMissing,
  orNull,
  recordOf,
  type Shape,
} from "../../support/shape.js";

/** Marks the state of a trainer's run, in the key `format` of `run.json`. */
export const RUN_FORMAT = "trainscope.run";

const setting = is({
  allowed: "a text, a number, true, false or null",
  accepts: (value) => value === null || ["string", "number", "boolean"].includes(typeof value),
});

const doubles = is({ allowed: "a Float64Array", accepts: (value) => value instanceof Float64Array });

/** An object of numbers with these keys, each with `suffix` at its end. */
function numbers(keys: string, suffix = ""): Shape {
  return fields(Object.fromEntries(keys.split(" ").map((key) => [`${key}${suffix}`, aNumber])));
}

const shape = fields({
  runId: aText,
  runName: aText,
  phase: oneOf(["batch", "validation", "epochEnd", "epochStart"]),
  progress: fields({
    step: aWholeNumber,
    epoch: aWholeNumber,
    epochsCompleted: aWholeNumber,
    batch: aWholeNumber,
    batchInEpoch: aWholeNumber,
    samples: anAmount,
    tokens: aNumber, // and times: as the model reports them
    loggedStep: aWholeNumber,
    validationDue: orMissing(aFlag),
    clock: numbers("train dataWait validation forward backward optimizer", "Seconds"),
    since: numbers("step batch samples tokens seconds dataWait forward backward optimizer"),
  }),
  learningRates: recordOf(aNumber),
  startRates: orMissing(recordOf(aNumber)),
  firstRates: orMissing(recordOf(aNumber)),
  train: fields({ loader: anything, metrics: anything, loaderIdx: aWholeNumber }),
  validation: orNull(fields({ loader: anything })),
  board: fields({
    latest: recordOf(aNumber),
    published: fields({ train: listOf(aText), val: listOf(aText) }),
    best: anything,
    measured: orMissing(recordOf(fields({ step: aWholeNumber, times: aWholeNumber }))),
    history: orMissing(fields({ epochs: aWholeNumber, values: recordOf(doubles), pending: recordOf(aNumber) })),
  }),
  hooks: recordOf(anything),
  stop: orNull(
    fields({
      request: fields({ reason: aText, kind: oneOf(["decider", "forced", "interrupted"]) }),
      isAgreed: aFlag,
    }),
  ),
  config: recordOf(setting),
});

/** What is wrong with the state of a trainer's run, as the end of a sentence about it, or null. */
export function savedRunProblem(run: unknown): string | null {
  return shape(run, "");
}

/**
 * What is wrong with a `run.json` that belongs to a checkpoint of `step`, or null. One of a manager alone, or of another version,
 * is not looked at.
 */
export function runFileProblem(run: StateValue | undefined, step: number): string | null {
  const { format, version, progress } = (run ?? {}) as { format?: unknown; version?: unknown; progress?: { step?: unknown } };
  if (format !== RUN_FORMAT || version !== 1) return null;
  const problem = savedRunProblem(run);
  if (problem !== null || progress?.step === step) return problem;
  return `progress.step is ${String(progress?.step)}, its manifest says ${step}`;
}
