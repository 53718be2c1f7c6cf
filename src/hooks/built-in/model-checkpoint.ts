import type { Metrics, Monitored, SaveBoundary, SavePoint, SaveRule, StateValue, TrainerView } from "../../contract/index.js";
import { ModelCheckpointConfig, parseConfig } from "../../config/index.js";
import { metricsIn } from "../../decisions/checkpoint-name.js";
import { everyMinutes, everyNEpochs, everyNSteps } from "../../decisions/index.js";
import { savedFields } from "../support/saved-state.js";
import { TrainerHooks } from "../trainer-hooks.js";

const SECTION = "hooks.modelCheckpointConfig";

/**
 * Requests checkpoints: every N epochs (after validation), every N steps, every N minutes. The trainer and `trainscope/checkpoint`
 * decide what a checkpoint holds, which are kept and how they are written.
 * Checkpoints by epochs and steps are always written; one by minutes may be replaced by a newer one while another is being written.
 * Throws `ERR_CONFIG` or `ERR_MODE_REQUIRED`.
 */
export class ModelCheckpointHook extends TrainerHooks {
  override readonly key: string = "modelCheckpoint";
  override readonly monitors: readonly Monitored[];
  readonly #byStep: SaveRule | null;
  readonly #byEpoch: SaveRule | null;
  readonly #byClock: SaveRule | null;
  #lastStep: SavePoint | null = null;
  #lastEpoch: SavePoint | null = null;
  #lastClock: SavePoint | null = null;
  #epochEnded = false;

  constructor(config: ModelCheckpointConfig = {}) {
    super();
    const {
      monitor,
      filename,
      everyNEpochs: epochs,
      everyNSteps: steps,
      everyMinutes: minutes,
    } = parseConfig(ModelCheckpointConfig, config, SECTION);
    const named = metricsIn(filename).map((metric) => ({ monitor: metric, path: `${SECTION}.filename` }));
    this.monitors = [{ monitor, path: `${SECTION}.monitor` }, ...named];
    this.#byStep = steps === undefined ? null : everyNSteps(steps);
    this.#byClock = minutes === undefined ? null : everyMinutes(minutes);
    this.#byEpoch = epochs === undefined ? null : everyNEpochs(epochs);
  }

  override onTrainStart(trainer: TrainerView): void {
    const now = nowOf(trainer, false);
    this.#lastClock = now;
    this.#lastStep ??= { ...now, step: 0 };
  }

  override onEpochStart(): void {
    this.#epochEnded = false;
  }

  override onTrainBatchEnd(trainer: TrainerView): void {
    if (this.#byStep === null && this.#byClock === null) return;
    const now = nowOf(trainer, false);
    if (this.#byStep?.isDue(now, this.#lastStep) === true) {
      this.#lastStep = now;
      trainer.requestCheckpoint(`${this.#byStep.name}, step ${now.step}`, { keep: true });
    }
    if (this.#byClock?.isDue(now, this.#lastClock) === true) {
      this.#lastClock = now;
      trainer.requestCheckpoint(this.#byClock.name);
    }
  }

  override onTrainEpochEnd(): void {
    this.#epochEnded = true;
  }

  override onCheckpoint(trainer: TrainerView, _epoch: number, _metrics: Metrics): void {
    if (!this.#epochEnded || this.#byEpoch === null) return;
    const now = nowOf(trainer, true);
    if (!this.#byEpoch.isDue(now, this.#lastEpoch)) return;
    this.#lastEpoch = now;
    trainer.requestCheckpoint(`${this.#byEpoch.name}, epoch ${now.epoch + 1}`, { keep: true });
  }

  override state(): StateValue {
    return { lastStep: this.#lastStep?.step ?? null, lastEpoch: this.#lastEpoch?.epoch ?? null };
  }

  override loadState(state: StateValue): void {
    const { lastStep, lastEpoch } = savedFields(state, ["lastStep", "lastEpoch"], this.key);
    if (typeof lastStep === "number") this.#lastStep = { step: lastStep, epoch: 0, ms: 0 };
    if (typeof lastEpoch === "number") this.#lastEpoch = { step: 0, epoch: lastEpoch, ms: 0 };
  }
}

function nowOf({ state }: TrainerView, epochEnded: boolean): SaveBoundary {
  return { step: state.step, epoch: state.epoch, epochEnded, ms: state.clock.nowMs };
}
