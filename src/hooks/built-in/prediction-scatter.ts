import type { ResolvedPredictionScatterConfig, RunStatus, TrainerView } from "../../contract/index.js";
import { parseConfig, PredictionScatterConfig } from "../../config/index.js";
import { DueSteps } from "../support/due-steps.js";
import { OneWarning } from "../support/model-parts.js";
import { PointSample } from "../support/point-sample.js";
import { outputPairs } from "../support/output-pairs.js";
import { seriesOf } from "../support/series.js";
import { TrainerHooks } from "../trainer-hooks.js";

const AXES = { xLabel: "actual", yLabel: "predicted", oneToOne: true } as const;

/**
 * Logs predictions against targets as a scatter: of every validation (`predictions/val`), or of a train batch every
 * `scatterFreq` steps (`predictions/train`); with `/<loader>` where loaders have names. At most `maxPoints` points are
 * shown; of more, so many are drawn by chance, the same ones in a run that is repeated.
 * The model gives them as `StepResult.outputs.predictions` and `.targets`, which hold one value for each other.
 */
export class PredictionScatterHook extends TrainerHooks {
  override readonly key: string = "predictionScatter";
  readonly #config: ResolvedPredictionScatterConfig;
  readonly #due: DueSteps;
  readonly #warning = new OneWarning();
  readonly #samples = new Map<string, PointSample>();
  #validated = false;

  constructor(config: PredictionScatterConfig = {}) {
    super();
    this.#config = parseConfig(PredictionScatterConfig, config, "hooks.predictionScatterConfig");
    this.#due = new DueSteps(this.#config.scatterFreq);
  }

  override onTrainBatchStart(trainer: TrainerView): void {
    if (this.#config.source === "train" && this.#due.isComing(trainer.state.step)) trainer.wantOutputs({ images: false });
  }

  override onTrainBatchEnd(trainer: TrainerView, _batch: unknown, _loaderIdx: number, loaderName: string): void {
    if (!this.#due.consume(trainer.state.step)) return;
    this.#add(trainer, loaderName);
    this.#log(trainer, trainer.state.epoch, "predictions/train", trainer.loaders.train);
  }

  override onValidationStart(trainer: TrainerView): void {
    this.#samples.clear(); // of a validation that was cut short
    this.#validated = true;
    if (this.#config.source === "validation") trainer.wantOutputs({ images: false });
  }

  override onValidationBatchEnd(trainer: TrainerView, _batch: unknown, _loaderIdx: number, loaderName: string): void {
    if (this.#config.source !== "validation") return;
    this.#add(trainer, loaderName);
    trainer.wantOutputs({ images: false });
  }

  override onValidationEnd(trainer: TrainerView, epoch: number): void {
    this.#log(trainer, epoch, "predictions/val", trainer.loaders.validation);
  }

  override onTrainEnd(trainer: TrainerView, status: RunStatus): void {
    if (this.#config.source === "train" || this.#validated || status === "failed" || status === "interrupted") return;
    this.#warn(trainer, 'there was no validation to show. Give fit validation data, or set source: "train".');
  }

  #add(trainer: TrainerView, loaderName: string): void {
    const pairs = outputPairs(trainer.outputs ?? {}, this.#config.output);
    if (typeof pairs === "string") return this.#warn(trainer, pairs);
    let sample = this.#samples.get(loaderName);
    if (sample === undefined) {
      sample = new PointSample(this.#config.maxPoints, trainer.config.seed, trainer.state.step, this.#samples.size);
      this.#samples.set(loaderName, sample);
    }
    for (let i = 0; i < pairs.targets.length; i++) sample.add(pairs.targets[i] as number, pairs.predictions[i] as number);
  }

  #log(trainer: TrainerView, epoch: number, name: string, loaders: readonly string[]): void {
    for (const [loader, { x, y }] of this.#samples)
      trainer.logger.logScatter(seriesOf(name, loader, loaders), x, y, trainer.state.step, { epoch }, AXES);
    this.#samples.clear();
  }

  #warn(trainer: TrainerView, message: string): void {
    this.#warning.log(trainer, `${this.key}: ${message}`);
  }
}
