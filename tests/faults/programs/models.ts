/** Models and loaders that throw, reject or give nonsense in each of their methods. */
import { TrainerHooks, defineHook, type DataLoader, type StepResult, type TrainableModel } from "trainscope";
import { LinearModel, ScalarLedger, linearBatches, type Rows } from "../../support/linear-model.js";
import { fail, report, watchProcess, type Fault } from "./support.js";

watchProcess();

const FAULTS = ["throw", "reject"] as const;
const thrown = new RangeError("it broke");

/** A model whose `method` fails at its `nth` call. */
function failing(
  method: "trainStep" | "evalStep" | "prepare",
  fault: Fault,
  nth: number,
  what: unknown = thrown,
): TrainableModel<Rows> {
  const model: TrainableModel<Rows> = new LinearModel({ width: 2 });
  const works = (model[method] as ((...args: unknown[]) => StepResult) | undefined)?.bind(model);
  let calls = 0;
  return Object.assign(model, {
    [method]: (...args: unknown[]): unknown => (++calls === nth ? fail(fault, what) : works?.(...args)),
  });
}

for (const fault of FAULTS) {
  await report({ name: `trainStep ${fault}`, thrown, model: failing("trainStep", fault, 5) });
  await report({ name: `evalStep ${fault}`, thrown, model: failing("evalStep", fault, 2) });
  await report({
    name: `sanity evalStep ${fault}`,
    thrown,
    model: failing("evalStep", fault, 1),
    config: { validation: { numSanitySteps: 1 } },
  });
  await report({ name: `prepare ${fault}`, thrown, model: failing("prepare", fault, 1) });
  // A monitor that is not announced makes `fit` call evalStep once before the first step.
  const hooks = [
    Object.assign(new TrainerHooks<Rows>(), { key: "watcher", monitors: [{ monitor: "val/odd", path: "watcher" }] }),
  ];
  await report({
    name: `probed evalStep ${fault}`,
    thrown,
    hooks,
    model: Object.assign(failing("evalStep", fault, 1), { metricNames: undefined }),
  });
  await report({ name: `odd trainStep ${fault}`, thrown: null, model: failing("trainStep", fault, 1, null) });
}

const NONSENSE: Readonly<Record<string, unknown>> = {
  nothing: undefined,
  number: 0.5,
  "no loss": { batchSize: 4 },
  "text as loss": { loss: "0.5", batchSize: 4 },
  "no batch size": { loss: 0.5 },
  "negative batch size": { loss: 0.5, batchSize: -1 },
  "odd metric name": { loss: 0.5, batchSize: 4, metrics: { "a//b": 1 } },
};
for (const [what, result] of Object.entries(NONSENSE)) {
  await report({
    name: `result ${what}`,
    model: Object.assign(new LinearModel({ width: 2 }), { trainStep: () => result as StepResult }),
  });
}

/** Deferred scalars: whatever breaks, each one that was made is disposed once. */
const SCALAR_FAULTS: Readonly<
  Record<string, (ledger: ScalarLedger) => { model?: TrainableModel<Rows>; hooks?: TrainerHooks<Rows>[] }>
> = {
  "read throws": (ledger) => ({
    model: new LinearModel({ width: 2, scalar: (value) => ({ ...ledger.defer(value), read: () => fail("throw", thrown) }) }),
  }),
  "read rejects": (ledger) => ({
    model: new LinearModel({ width: 2, scalar: (value) => ({ ...ledger.defer(value), read: () => fail("reject", thrown) }) }),
  }),
  "step throws": (ledger) => {
    const model = new LinearModel({ width: 2, scalar: ledger.defer });
    const works = model.trainStep.bind(model);
    let calls = 0;
    return {
      model: Object.assign(model, { trainStep: (batch: Rows) => (++calls === 5 ? fail("throw", thrown) : works(batch)) }),
    };
  },
  "hook throws": (ledger) => ({
    model: new LinearModel({ width: 2, scalar: ledger.defer }),
    hooks: [
      defineHook<Rows>("faulty", {
        onTrainBatchEnd: (trainer) => (trainer.state.step === 5 ? fail("throw", thrown) : undefined),
      }),
    ],
  }),
  "nothing breaks": (ledger) => ({ model: new LinearModel({ width: 2, scalar: ledger.defer }) }),
};
for (const [name, make] of Object.entries(SCALAR_FAULTS)) {
  const ledger = new ScalarLedger();
  const { made, disposals } = ledger;
  await report({
    name: `scalars: ${name}`,
    thrown,
    ...make(ledger),
    config: { logging: { logEveryNSteps: 100 } },
    after: () => ({ made: ledger.made - made, disposals: ledger.disposals - disposals }),
  });
}

/** Loaders. `left` says whether the good loader beside them was left. */
function* brokenAfterOne(): Generator<Rows> {
  yield* linearBatches(1, 4);
  throw thrown;
}
async function* brokenLater(): AsyncGenerator<Rows> {
  yield* linearBatches(1, 4);
  throw thrown;
}
function leaving(fault: Fault): DataLoader<Rows> {
  return {
    batches: () => ({
      [Symbol.asyncIterator]: () => ({
        next: () => Promise.resolve({ done: false as const, value: linearBatches(1, 4)[0] as Rows }),
        return: () => fail(fault, thrown),
      }),
    }),
  };
}
const LOADERS: Readonly<Record<string, DataLoader<Rows>>> = {
  "batches throws": { batches: () => fail("throw", thrown) as never },
  "batches returns a promise": { batches: () => Promise.resolve([]) as never },
  "batches returns nothing": { batches: () => undefined as never },
  "next throws": { batches: brokenAfterOne },
  "next rejects": { batches: brokenLater },
  "gives nothing": { batches: () => [] },
  "seed throws": { batches: () => linearBatches(1, 4), seed: () => fail("throw", thrown) as never },
};
for (const [name, loader] of Object.entries(LOADERS)) {
  await report({ name: `train loader ${name}`, thrown, data: { train: { bad: loader } } });
  await report({ name: `validation loader ${name}`, thrown, data: { validation: { bad: loader } } });
}
for (const fault of FAULTS) {
  const config = { maxSteps: 2 };
  await report({ name: `train loader return ${fault}`, thrown, config, data: { train: { bad: leaving(fault) } } });
  // The hook's error comes first; that the loader cannot be left either must not hide it.
  const hooks = [defineHook<Rows>("faulty", { onTrainBatchEnd: () => fail("throw", "the hook broke") })];
  await report({
    name: `hook throws, then loader return ${fault}`,
    thrown: "the hook broke",
    config,
    hooks,
    data: { train: { bad: leaving(fault) } },
  });
}
