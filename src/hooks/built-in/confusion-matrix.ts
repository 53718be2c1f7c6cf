import type {
  Metrics,
  ModelDescription,
  ResolvedConfusionMatrixConfig,
  RunStatus,
  StateValue,
  TrainerView,
} from "../../contract/index.js";
import { ConfusionMatrixConfig, parseConfig } from "../../config/index.js";
import { TrainscopeError } from "../../support/errors.js";
import { metricNamePart } from "../../support/metric-names.js";
import { withoutAccents } from "../../support/raster/font.js";
import { uniqueNames } from "../../support/unique-names.js";
import { classPairs } from "../support/class-pairs.js";
import { scoreMetrics, SCORES } from "../support/class-scores.js";
import { ConfusionCounts } from "../support/confusion-counts.js";
import { confusionPicture } from "../support/confusion-picture.js";
import { OneWarning } from "../support/model-parts.js";
import { savedFields } from "../support/saved-state.js";
import { seriesOf } from "../support/series.js";
import { TrainerHooks } from "../trainer-hooks.js";

const SECTION = "hooks.confusionMatrixConfig";
/** Characters of a label in the name of a metric: a longer name would be refused. */
const MAX_PART = 100;

/**
 * Shows which classes a model takes for which: a picture of every `everyNValidations`-th validation (`confusion/val`, or
 * `confusion/val/<loader>` where loaders have names), and the scores of each validation (`val/f1`, `val/<loader>/f1`, …), which can be
 * monitored. Counts cover all samples of the validation.
 * - The model gives `StepResult.outputs.predictions` and `.targets`. The largest prediction is the class; with one output, values above
 *   `threshold` are class 1. Targets are one-hot, or numbers of classes.
 * - A prediction of NaN counts as wrong, in a column of its own. Targets that name no class are left out; a warning and the picture say so.
 * Throws `ERR_CONFIG` where `labels` are not as many as the classes: before anything is written where the model's `describe()` shows it.
 */
export class ConfusionMatrixHook extends TrainerHooks {
  override readonly key: string = "confusionMatrix";
  override readonly produces: readonly string[];
  readonly #config: ResolvedConfusionMatrixConfig;
  readonly #warning = new OneWarning();
  readonly #counts = new Map<string, ConfusionCounts>();
  /** Validations so far. */
  #validations = 0;

  constructor(config: ConfusionMatrixConfig = {}) {
    super();
    this.#config = parseConfig(ConfusionMatrixConfig, config, SECTION);
    const { scores, labels } = this.#config;
    const parts = scores === "perClass" ? partsOf(labels ?? []) : [];
    const names = [...SCORES, ...SCORES.flatMap((score) => parts.map((part) => `${part}_${score}`))];
    this.produces = scores === "none" ? [] : names.flatMap((name) => [`val/${name}`, `val/<loader>/${name}`]);
  }

  override async checkRun({ model }: TrainerView): Promise<void> {
    if (this.#config.labels === undefined) return;
    let description: ModelDescription | undefined;
    try {
      description = await model.describe?.();
    } catch {
      return; // the trainer warns of it; the first validation shows the classes
    }
    this.#checkDescribed(description);
  }

  override onValidationStart(trainer: TrainerView): void {
    this.#counts.clear(); // of a validation that was cut short
    this.#want(trainer);
  }

  override onValidationBatchEnd(trainer: TrainerView, _batch: unknown, _loaderIdx: number, loaderName: string): void {
    if (!this.#isDue) return;
    const problem = this.#add(trainer, loaderName);
    if (problem !== null) this.#warning.log(trainer, `${this.key}: ${problem}`);
    this.#want(trainer);
  }

  override onValidationEnd(trainer: TrainerView, epoch: number, metrics: Metrics): void {
    if (this.#config.scores !== "none") this.#addScores(trainer, metrics);
    if (this.#isPictured) {
      for (const [loader, counts] of this.#counts) {
        const title = seriesOf("confusion/val", loader, trainer.loaders.validation);
        const labels = this.#labels(counts.classes).map(withNumber);
        const picture = confusionPicture(counts, { labels, normalize: this.#config.normalize, title });
        trainer.logger.logImage(title, picture, trainer.state.step, { epoch });
      }
    }
    this.#validations++;
    this.#counts.clear();
  }

  override onTrainEnd(trainer: TrainerView, status: RunStatus): void {
    if (this.#validations > 0 || status === "failed" || status === "interrupted") return;
    this.#warning.log(trainer, `${this.key}: there was no validation to show. Give fit validation data.`);
  }

  override state(): StateValue {
    return { validations: this.#validations };
  }

  override loadState(state: StateValue): void {
    this.#validations = Number(savedFields(state, ["validations"], this.key)["validations"]);
  }

  get #isPictured(): boolean {
    return (this.#validations + 1) % this.#config.everyNValidations === 0;
  }

  /** Whether the outputs of the current validation are needed. */
  get #isDue(): boolean {
    return this.#isPictured || this.#config.scores !== "none";
  }

  #want(trainer: TrainerView): void {
    if (this.#isDue) trainer.wantOutputs({ images: false });
  }

  /** Counts a batch; returns what is wrong with it. */
  #add(trainer: TrainerView, loader: string): string | null {
    const pairs = classPairs(trainer.outputs ?? {}, this.#config.threshold);
    if (typeof pairs === "string") return pairs;
    const { classes } = pairs;
    const { maxClasses } = this.#config;
    this.#checkLabels(classes);
    if (classes > maxClasses)
      return `the model has ${classes} classes, and maxClasses is ${maxClasses}: there are no matrix and no scores. Raise ${SECTION}.maxClasses, at most to 1000.`;
    const [known = classes] = Array.from(this.#counts.values(), (counts) => counts.classes);
    if (classes !== known) return `a batch of ${classes} classes does not fit those of ${known} before it, and is left out.`;
    const counts = this.#counts.get(loader) ?? new ConfusionCounts(pairs);
    this.#counts.set(loader, counts);
    const before = counts.withoutTarget;
    counts.add(pairs);
    const without = counts.withoutTarget - before;
    return without === 0
      ? null
      : `${without} of ${pairs.truth.length} targets of a batch name no class of 0 to ${classes - 1}; such samples are left out.`;
  }

  /** Scores of all loaders together, and of each; what the model itself reports keeps its value. */
  #addScores(trainer: TrainerView, metrics: Metrics): void {
    const [first] = this.#counts.values();
    if (first === undefined) return;
    const all = new ConfusionCounts(first);
    const parts = this.#config.scores === "perClass" ? partsOf(this.#labels(first.classes)) : [];
    const scores: Record<string, number> = {};
    for (const [loader, counts] of this.#counts) {
      all.addAll(counts);
      if (trainer.loaders.validation.includes(loader)) Object.assign(scores, scoreMetrics(`val/${loader}`, counts, parts));
    }
    Object.assign(scores, scoreMetrics("val", all, parts));
    trainer.addMetrics(Object.fromEntries(Object.entries(scores).filter(([name]) => metrics[name] === undefined)));
  }

  #labels(classes: number): readonly string[] {
    return this.#config.labels ?? Array.from({ length: classes }, (_, index) => String(index));
  }

  #checkDescribed(description: ModelDescription | undefined): void {
    const shape = description?.signature?.outputs[0]?.shape;
    const width = shape === undefined || shape.length < 2 ? null : shape.at(-1);
    if (typeof width === "number") this.#checkLabels(width === 1 ? 2 : width);
  }

  #checkLabels(classes: number): void {
    const { labels } = this.#config;
    if (labels === undefined || labels.length === classes) return;
    const message = `There are ${labels.length} labels (${labels.slice(0, 5).join(", ")}${labels.length > 5 ? ", …" : ""}), and the model has ${classes} classes.\nGive one label for each, in the order of the model's outputs, or leave labels out.`;
    throw new TrainscopeError("ERR_CONFIG", message, { path: `${SECTION}.labels` });
  }
}

/** The label; its class's number where nothing of it can be drawn, as in other scripts. */
function withNumber(label: string, index: number): string {
  return /[!-~]/.test(withoutAccents(label)) ? label : String(index);
}

/**
 * Labels as parts of metric names, no two alike; numbers of classes for those that have neither letters a to z nor digits. The name of the
 * score follows them: its last word says that higher is better.
 */
function partsOf(labels: readonly string[]): string[] {
  const parts = labels.map((label, index) => {
    const plain = withoutAccents(label);
    return /[a-z\d]/i.test(plain) ? metricNamePart(plain).replaceAll("/", "_").slice(0, MAX_PART) : String(index);
  });
  return uniqueNames(parts, "-");
}
