import type { TrainerView } from "../../contract/index.js";
import { parseConfig, SampleImagesConfig } from "../../config/index.js";
import { DueSteps } from "../support/due-steps.js";
import { imageGrid } from "../support/image-grid.js";
import { OneWarning } from "../support/model-parts.js";
import { seriesOf } from "../support/series.js";
import { TrainerHooks } from "../trainer-hooks.js";

/**
 * Logs what the model is shown every `imageFreq` steps: the first `maxImages` of the train batch as one picture,
 * `samples/train`, or `samples/train/<loader>` where loaders have names. The images are those that the model gives as
 * `StepResult.outputs.images`; a TensorFlow.js model gives inputs of the shape [batch, height, width, 1, 3 or 4]. Floats are 0 to 1 and
 * integers 0 to 255, by the type of the array; where values of a batch are outside, the range of all of them is scaled to fit.
 */
export class SampleImagesHook extends TrainerHooks {
  override readonly key: string = "sampleImages";
  readonly #due: DueSteps;
  readonly #maxImages: number;
  readonly #warning = new OneWarning();

  constructor(config: SampleImagesConfig = {}) {
    super();
    const { imageFreq, maxImages } = parseConfig(SampleImagesConfig, config, "hooks.sampleImagesConfig");
    this.#due = new DueSteps(imageFreq);
    this.#maxImages = maxImages;
  }

  override onTrainBatchStart(trainer: TrainerView): void {
    if (this.#due.isComing(trainer.state.step)) trainer.wantOutputs();
  }

  override onTrainBatchEnd(trainer: TrainerView, _batch: unknown, _loaderIdx: number, loaderName: string): void {
    const { step, epoch } = trainer.state;
    if (!this.#due.consume(step)) return;
    const grid = imageGrid((trainer.outputs?.images ?? []).slice(0, this.#maxImages));
    if (grid === null) {
      const missing = "the model gave no images. Fill StepResult.outputs.images when context.wantsOutputs";
      this.#warning.log(trainer, `${this.key}: ${missing}; a TensorFlow.js model needs inputs of four dimensions.`);
      return;
    }
    trainer.logger.logImage(seriesOf("samples/train", loaderName, trainer.loaders.train), grid, step, { epoch });
  }
}
