import { expect, test } from "vitest";
import { GenericTrainer, defineHook, type GenericTrainerConfig, type TrainerHooks } from "../../src/index.js";
import { LinearModel, ScalarLedger, linearBatches, type Rows } from "../support/linear-model.js";
import { MemoryBackend } from "../support/memory-backend.js";
import { temporaryRuns } from "../support/run.js";

const runsDir = temporaryRuns();

interface Seen {
  ledger: ScalarLedger;
  memory: MemoryBackend;
  loss: number;
}

async function train(
  logging: GenericTrainerConfig["logging"],
  options: {
    hook?: TrainerHooks<Rows>;
    ledger?: ScalarLedger | null;
    steps?: number;
    hooks?: GenericTrainerConfig["hooks"];
  } = {},
): Promise<Seen> {
  const ledger = options.ledger === undefined ? new ScalarLedger() : options.ledger;
  const model = new LinearModel({ width: 2, kind: "logistic", ...(ledger === null ? {} : { scalar: ledger.defer }) });
  const memory = new MemoryBackend();
  const trainer = new GenericTrainer<Rows>(
    { maxEpochs: 1, runsDir, logging: { loggerType: "none", loggers: [memory], ...logging }, hooks: options.hooks },
    model,
    model.optimizer,
  );
  if (options.hook !== undefined) trainer.hookManager.registerHook(options.hook);
  const result = await trainer.fit({ train: linearBatches(options.steps ?? 40, 4, { kind: "logistic" }) });
  return { ledger: ledger ?? new ScalarLedger(), memory, loss: result.metrics["train/loss"] as number };
}

test("nothing is read between boundaries when no hook reads", async () => {
  const readsAt: number[] = [];
  const ledger = new ScalarLedger();
  const hook = defineHook<Rows>("counter", { onTrainBatchEnd: () => void readsAt.push(ledger.reads) });
  await train(
    { logEveryNSteps: 10 },
    { ledger, hook, hooks: { enableThroughput: true, enableLearningRateMonitor: true, enableTerminateOnNaN: true } },
  );
  expect(readsAt).toEqual(Array.from({ length: 40 }, (_, i) => Math.floor(i / 10) * 20));
});

test("every scalar is read once and disposed once", async () => {
  const { ledger } = await train({ logEveryNSteps: 7 });
  expect([ledger.made, ledger.reads, ledger.disposals]).toEqual([80, 80, 80]);
});

test("a hook that reads makes no second read", async () => {
  const hook = defineHook<Rows>("reader", {
    onTrainBatchEnd: (_t, _b, _i, _n, metrics) => void (metrics["loss"], metrics["loss"]),
  });
  const { ledger } = await train({ logEveryNSteps: 7 }, { hook });
  expect([ledger.reads, ledger.disposals]).toEqual([80, 80]);
});

test("the epoch's mean is bitwise the same for every interval, deferred or not", async () => {
  const plain = (await train({}, { ledger: null })).loss;
  for (const logEveryNSteps of [1, 3, 7, 50]) {
    for (const maxPendingScalars of [1, 2, 5, 256]) {
      expect((await train({ logEveryNSteps, maxPendingScalars })).loss).toBe(plain);
    }
  }
});

test("scalars that come as promises are awaited at boundaries", async () => {
  const ledger = new ScalarLedger({ async: true });
  const { memory, loss } = await train({ logEveryNSteps: 10 }, { ledger });
  expect(loss).toBe((await train({}, { ledger: null })).loss);
  expect(memory.series("train/loss_step")).toHaveLength(4);
  expect(ledger.disposals).toBe(80);
});

test("reading one in a hook that did not declare it is an error that says what to do, and nothing leaks", async () => {
  const ledger = new ScalarLedger({ async: true });
  const hook = defineHook<Rows>("reader", { onTrainBatchEnd: (_t, _b, _i, _n, metrics) => void metrics["loss"] });
  await expect(train({}, { ledger, hook })).rejects.toMatchObject({
    code: "ERR_SCALAR_ASYNC",
    path: "hook reader, onTrainBatchEnd",
  });
  expect(ledger.disposals).toBe(ledger.made);
});

test("a hook that declares what it reads gets the value", async () => {
  const losses: number[] = [];
  const hook = defineHook<Rows>("reader", {
    reads: ["loss"],
    onTrainBatchEnd: (_t, _b, _i, _n, metrics) => void losses.push(metrics["loss"] as number),
  });
  const ledger = new ScalarLedger({ async: true });
  await train({}, { ledger, hook, steps: 5 });
  expect(losses).toHaveLength(5);
  expect(losses.every(Number.isFinite)).toBe(true);
  expect(ledger.reads).toBe(10);
});

test("a step that throws leaves no scalar behind", async () => {
  const ledger = new ScalarLedger();
  const hook = defineHook<Rows>("bad", {
    onTrainBatchEnd: (trainer) => {
      if (trainer.state.step === 9) throw new Error("stop here");
    },
  });
  await expect(train({ logEveryNSteps: 50 }, { ledger, hook })).rejects.toThrow("stop here");
  expect([ledger.made, ledger.disposals]).toEqual([18, 18]);
});
