/** An `AbortSignal` before, during and after `fit`, and a second `fit`. */
import { getEventListeners } from "node:events";
import { GenericTrainer, defineHook, type TrainableModel } from "trainscope";
import { LinearModel, linearBatches, type Rows } from "../../support/linear-model.js";
import { report, runsDir, say, watchProcess, type Case } from "./support.js";

watchProcess();

const endless = { maxEpochs: 1_000_000_000 };

async function aborting(name: string, controller: AbortController, rest: Partial<Case>): Promise<void> {
  const after: Case["after"] = () => ({ left: getEventListeners(controller.signal, "abort").length });
  await report({ name, signal: controller.signal, after, ...rest });
}

const before = new AbortController();
before.abort(new RangeError("not today"));
await aborting("before", before, {});

for (const reason of [undefined, "plain text", new RangeError("enough")]) {
  const controller = new AbortController();
  const hook = defineHook<Rows>("aborter", {
    onTrainBatchEnd: (trainer) => void (trainer.state.step === 4 && controller.abort(reason)),
  });
  await aborting(`during, ${String(reason)}`, controller, { config: endless, hooks: [hook] });
}

const timer = new AbortController();
setTimeout(() => timer.abort(), 30);
await aborting("from a timer", timer, { config: endless });

const inValidation = new AbortController();
await aborting("in validation", inValidation, {
  hooks: [defineHook<Rows>("aborter", { onValidationBatchEnd: () => inValidation.abort(new RangeError("enough")) })],
});

/** A step that waits for something, is aborted meanwhile, and gives up. */
function waiting(controller: AbortController, giveUp: (signal: AbortSignal) => Error): TrainableModel<Rows> {
  const model = new LinearModel({ width: 2 });
  return Object.assign(model, {
    trainStep: (_rows: Rows, { signal }: { signal: AbortSignal }) => {
      setTimeout(() => controller.abort(new RangeError("enough")), 5);
      return new Promise<never>((_, reject) => signal.addEventListener("abort", () => reject(giveUp(signal)), { once: true }));
    },
  });
}
for (const [name, giveUp] of Object.entries({
  "the signal's reason": (signal: AbortSignal) => signal.reason as Error,
  "an AbortError": () => new DOMException("given up", "AbortError"),
  "another error": () => new RangeError("broke while giving up"),
})) {
  const controller = new AbortController();
  await aborting(`a step that gives up with ${name}`, controller, { model: waiting(controller, giveUp) });
}

const late = new AbortController();
await aborting("after", late, {
  after: () => {
    const left = getEventListeners(late.signal, "abort").length;
    late.abort();
    return { left };
  },
});

const describe = (error: unknown): object => ({ code: (error as { code?: string }).code, message: (error as Error).message });
const trainer = new GenericTrainer<Rows>(
  { maxEpochs: 3, runsDir, runName: "twice", logging: { loggerType: "none" } },
  new LinearModel({ width: 2 }),
);
const running = trainer.fit({ train: linearBatches(3, 4) });
const meanwhile = await trainer.fit({ train: linearBatches(3, 4) }).then(() => null, describe);
const { status, steps } = await running;
const afterwards = await trainer.fit({ train: linearBatches(3, 4) }).then(() => null, describe);
say({ say: "second fit", status, steps, meanwhile, afterwards, stepsNow: trainer.state.step });
