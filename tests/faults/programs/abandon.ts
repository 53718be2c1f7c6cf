/**
 * Runs that hang, each in another place, until two signals have come; what hangs returns once every run has ended.
 * With a case's name, only that one runs.
 */
import { defineHook, type DataLoader, type LoggerBackend } from "trainscope";
import { LinearModel, ScalarLedger, linearBatches, type Rows } from "../../support/linear-model.js";
import { report, say, watchProcess, type Case } from "./support.js";

watchProcess();
process.setMaxListeners(50); // many runs in one process

const { released, release } = waitHere();
const hanging = new Set<string>();

/** A wait that keeps the process alive, as one for a socket would. */
function waitHere(): { released: Promise<void>; release: () => void } {
  const alive = setInterval(() => {}, 1000);
  let release = (): void => {};
  const released = new Promise<void>((resolve) => (release = resolve)).finally(() => clearInterval(alive));
  return { released, release: () => release() };
}

/** Notes that the case hangs, and hangs. */
function hang<T>(name: string, value: T): Promise<T> {
  hanging.add(name);
  if (name in CASES && first.every((other) => hanging.has(other))) say({ say: "hanging" });
  tellAllHang();
  return released.then(() => value);
}

/** Two signals that come at once are one: the second is requested when the first was seen. */
function tellAllHang(): void {
  if (signals === 1 && names.every((name) => hanging.has(name))) say({ say: "hanging at the end" });
}

const ledger = new ScalarLedger();

function slowStep(name: string): LinearModel {
  const model = new LinearModel({ width: 2, scalar: ledger.defer });
  const works = model.trainStep.bind(model);
  return Object.assign(model, { trainStep: (batch: Rows) => (model.weights[0] === 0 ? works(batch) : hang(name, works(batch))) });
}

function slowLoader(name: string): DataLoader<Rows> {
  const [rows] = linearBatches(1, 4);
  return {
    async *batches() {
      yield rows as Rows;
      yield hang(name, rows as Rows);
      yield rows as Rows;
    },
  };
}

const ended: string[] = [];
function endHook(name: string, hangs: boolean) {
  return defineHook<Rows>(name, { onTrainEnd: () => (ended.push(name), hangs ? hang("onTrainEnd", undefined) : undefined) });
}

const endless = { maxEpochs: 1_000_000_000 };
const CASES: Record<string, Omit<Case, "name">> = {
  step: { model: slowStep("step") },
  loader: { data: { train: { slow: slowLoader("loader") } } },
  "loader.first": {
    data: {
      train: {
        slow: {
          batches: () => ({
            [Symbol.asyncIterator]: () => ({ next: () => hang("loader.first", { done: true as const, value: undefined }) }),
          }),
        },
      },
    },
  },
  evalStep: {
    model: Object.assign(new LinearModel({ width: 2 }), { evalStep: () => hang("evalStep", { loss: 1, batchSize: 1 }) }),
  },
  onTrainStart: { hooks: [defineHook<Rows>("slow", { onTrainStart: () => hang("onTrainStart", undefined) })] },
  onTrainBatchStart: { hooks: [defineHook<Rows>("slow", { onTrainBatchStart: () => hang("onTrainBatchStart", undefined) })] },
  onTrainBatchEnd: { hooks: [defineHook<Rows>("slow", { onTrainBatchEnd: () => hang("onTrainBatchEnd", undefined) })] },
  start: {
    config: { logging: { startTimeoutMs: 60_000 } },
    backends: [{ name: "slow", logMetrics() {}, start: () => hang("start", undefined) }],
  },
};
/** These hang only once the first signal has come. */
const AT_THE_END: Record<string, Omit<Case, "name">> = {
  onStop: { config: endless, hooks: [defineHook<Rows>("slow", { onStop: () => hang("onStop", undefined) })] },
  onTrainEnd: {
    config: endless,
    hooks: [endHook("slow", true), endHook("other", false)],
    backends: [],
    after: () => ({ ended }),
  },
  close: {
    config: endless,
    backends: [{ name: "slow", logMetrics() {}, close: () => hang("close", undefined) } satisfies LoggerBackend],
  },
};

const only = process.argv[3];
const all = { ...CASES, ...AT_THE_END };
const names = Object.keys(all).filter((name) => only === undefined || name === only);
const first = names.filter((name) => name in CASES);
if (first.length === 0) setTimeout(() => say({ say: "hanging" }), 100);

let left = names.length;
let lastSignalMs = 0;
let signals = 0;
const count = (): void => {
  signals++;
  lastSignalMs = Date.now();
  tellAllHang();
};
process.on("SIGINT", count);

await Promise.all(
  names.map((name) =>
    report({
      name,
      ...(all[name] as Omit<Case, "name">),
      after: async (trainer, dir) => {
        const tookMs = Date.now() - lastSignalMs;
        if (--left === 0) {
          process.off("SIGINT", count);
          release();
        }
        await released;
        await new Promise((resolve) => setTimeout(resolve, 100)); // what returned would continue now
        return { tookMs, signals, ...(await all[name]?.after?.(trainer, dir)) };
      },
    }),
  ),
);
say({ say: "scalars", made: ledger.made, disposals: ledger.disposals });
