import {
  GenericTrainer,
  defineHook,
  type FitData,
  type FitResult,
  type GenericTrainerConfig,
  type TrainerHooks,
} from "../../src/index.js";
import type { Rows } from "../support/linear-model.js";
import { MomentumModel } from "../support/momentum-model.js";
import { MemoryBackend, type Point } from "../support/memory-backend.js";

/** What one process start of a run came to. */
export interface Attempt {
  result: FitResult;
  model: MomentumModel;
  memory: MemoryBackend;
  trainer: GenericTrainer<Rows>;
}

export interface AttemptOptions {
  config: GenericTrainerConfig;
  data: FitData<Rows>;
  hooks?: readonly TrainerHooks<Rows>[];
  /** The step after which the run is interrupted, as by a signal. */
  interruptAt?: number;
  /** Interrupts the run in place of `interruptAt`. */
  signal?: AbortSignal;
}

export async function attempt({ config, data, hooks = [], interruptAt, signal }: AttemptOptions): Promise<Attempt> {
  const model = new MomentumModel();
  const memory = new MemoryBackend();
  const trainer = new GenericTrainer<Rows>(
    { ...config, logging: { loggerType: "none", logEveryNSteps: 3, ...config.logging, loggers: [memory] } },
    model,
    model.optimizer,
  );
  for (const hook of hooks) trainer.hookManager.registerHook(hook);
  const interruption = new AbortController();
  if (interruptAt !== undefined) {
    trainer.hookManager.registerHook(interrupter(interruptAt, interruption));
  }
  const result = await trainer.fit(data, { signal: signal ?? interruption.signal });
  return { result, model, memory, trainer };
}

function interrupter(step: number, interruption: AbortController): TrainerHooks<Rows> {
  return defineHook("interrupter", {
    onTrainBatchEnd(trainer) {
      if (trainer.state.step === step) interruption.abort(new Error("as by a signal"));
    },
  });
}

/** Names whose values come from a clock or the machine, and those that are written once, when a run ends. */
const NOT_TRAINING = /^(throughput|system|final)\/|seconds$/;

/** What was logged of the training, with what a resume rewound left out. */
export function trained(attempts: readonly Attempt[]): Point[] {
  return attempts.flatMap(({ memory }, i) => {
    const until = attempts[i + 1]?.trainer.run.resumedFromStep ?? Infinity;
    return memory.points.filter(({ name, step }) => step <= until && !NOT_TRAINING.test(name));
  });
}
