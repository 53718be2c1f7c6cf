/** Outputs of a step: given to the hooks of the batches for which they were requested, and of no other. */
import { expect, test } from "vitest";
import {
  defineHook,
  GenericTrainer,
  type StepContext,
  type StepResult,
  type TrainerHooks,
  type TrainerView,
} from "../../src/index.js";
import { LinearModel, linearBatches, type Rows } from "../support/linear-model.js";
import { MemoryBackend } from "../support/memory-backend.js";
import { temporaryRuns } from "../support/run.js";

const runsDir = temporaryRuns();

/** Gives outputs when they are requested, and remembers when they were. */
class RequestedModel extends LinearModel {
  readonly requested: string[] = [];

  readonly #async: boolean;

  constructor(async: boolean) {
    super({ width: 2, kind: "logistic" });
    this.#async = async;
  }

  override trainStep(batch: Rows, context: StepContext): never {
    return this.#with(super.trainStep(batch), context, `train ${context.step}`);
  }

  override evalStep(batch: Rows, context?: StepContext): never {
    return this.#with(super.evalStep(batch), context, `eval after ${(context?.step ?? 0) - 1}`);
  }

  #with(result: StepResult, context: StepContext | undefined, what: string): never {
    if (context?.wantsOutputs === true) {
      this.requested.push(what);
      result.outputs = { targets: { shape: [1], dtype: "F32", data: Float32Array.of(context.step) } };
    }
    return (this.#async ? Promise.resolve(result) : result) as never;
  }
}

test.each([false, true])("requested in training and in validation, async model: %s", async (async) => {
  const model = new RequestedModel(async);
  const seen: string[] = [];
  const note = (when: string, trainer: TrainerView): void => {
    const value = trainer.outputs?.targets?.data[0];
    if (value !== undefined) seen.push(`${when}: ${value}`);
  };
  const memory = new MemoryBackend();
  const trainer = new GenericTrainer<Rows>(
    { maxEpochs: 2, runsDir, logging: { loggerType: "none", loggers: [memory] } },
    model,
    model.optimizer,
  );
  trainer.hookManager.registerHook(
    defineHook<Rows>("asking", {
      onTrainBatchStart(view) {
        note("before a batch", view);
        if (view.state.step % 4 === 0) view.wantOutputs();
      },
      onTrainBatchEnd: (view) => note(`step ${view.state.step}`, view),
      onValidationStart(view) {
        note("before a validation", view);
        if (view.state.epoch === 0) view.wantOutputs();
      },
      onValidationBatchEnd(view) {
        note(`validation after ${view.state.step}`, view);
        if (view.state.epoch === 0) view.wantOutputs(); // of the last one too: it must not reach a train step
      },
      onValidationEnd: (view) => note("after a validation", view),
    }),
  );
  await trainer.fit({
    train: linearBatches(6, 4, { kind: "logistic" }),
    validation: linearBatches(2, 4, { kind: "logistic", seed: 2 }),
  });
  expect(model.requested).toEqual(["train 1", "train 5", "eval after 6", "eval after 6", "train 9"]);
  expect(seen).toEqual(["step 1: 1", "step 5: 5", "validation after 6: 7", "validation after 6: 7", "step 9: 9"]);
  expect(trainer.outputs).toBeNull();
});

test("a model that gives no outputs: the hooks that show them warn once, and the run continues", async () => {
  const model = new LinearModel({ width: 2, kind: "logistic" });
  const memory = new MemoryBackend();
  const config = {
    maxEpochs: 2,
    runsDir,
    logging: { loggerType: "none", loggers: [memory] },
    hooks: {
      enableSampleImages: true,
      sampleImagesConfig: { imageFreq: 1 },
      enablePredictionScatter: true,
    },
  } as const;
  const data = linearBatches(3, 4, { kind: "logistic" });
  const result = await new GenericTrainer<Rows>(config, model, model.optimizer).fit({
    train: data,
    validation: data.slice(0, 2),
  });
  expect(result.status).toBe("completed");
  expect(memory.warnings).toHaveLength(2);
  expect(memory.warnings.join("\n")).toMatch(/sampleImages: the model gave no images[^]*predictionScatter: the model gave no/);
});

test("images are wanted only where a hook asks for them, and an unknown option is refused", async () => {
  const wanted: string[] = [];
  class Images extends RequestedModel {
    override trainStep(batch: Rows, context: StepContext): never {
      wanted.push(context.wantsImages ? "images" : context.wantsOutputs ? "values" : "nothing");
      return super.trainStep(batch, context);
    }
  }
  const asking = (key: string, isDue: (step: number) => boolean, images?: boolean): TrainerHooks<Rows> =>
    defineHook<Rows>(key, {
      onTrainBatchStart: (view) => void (isDue(view.state.step) && view.wantOutputs(images === undefined ? {} : { images })),
    });
  const model = new Images(false);
  const config = { maxEpochs: 1, runsDir, logging: { loggerType: "none" } } as const;
  const trainer = new GenericTrainer<Rows>(config, model, model.optimizer);
  trainer.hookManager.registerHook(asking("all", (step) => step === 1 || step === 2));
  trainer.hookManager.registerHook(asking("values", (step) => step >= 2 && step < 4, false));
  await trainer.fit({ train: linearBatches(5, 4, { kind: "logistic" }) });
  expect(wanted).toEqual(["nothing", "images", "images", "values", "nothing"]);
  expect(() => trainer.wantOutputs({ image: false } as never)).toThrow(/ERR_CONFIG[^]*"image"[^]*Nearest: "images"/);
});
