import type { Metrics, ModelCheckpointConfig, Monitored, SaveRule, StateValue, TrainerView } from "../../contract/index.js";
import { anyOfSave, everyMinutes, everyNEpochs, everyNSteps } from "../../decisions/index.js";
import { savedFields } from "../support/saved-state.js";
import { TrainerHooks } from "../trainer-hooks.js";

const SECTION = "hooks.modelCheckpointConfig";

interface LastAsked {
  readonly step: number;
  readonly epoch: number;
  readonly ms: number;
}

/**
 * Asks for checkpoints: every N epochs (after validation), every N steps, every so many minutes. What a checkpoint holds,
 * which stay and how they reach the disk is the trainer's and `trainscope/checkpoint`'s.
 * `everyNEpochs` and `everyNSteps` are kept in any case; those of the clock may give way to a newer one.
 */
export class ModelCheckpointHook extends TrainerHooks {
  override readonly monitors: readonly Monitored[];
  readonly #byStep: SaveRule | null;
  readonly #byEpoch: SaveRule | null;
  readonly #byClock: SaveRule | null;
  #lastStep: LastAsked | null = null;
  #lastEpoch: LastAsked | null = null;
  #lastClock: LastAsked | null = null;
  #epochEnded = false;

  constructor(config: ModelCheckpointConfig = {}) {
    super();
    this.monitors = [{ monitor: config.monitor ?? "val/loss", path: `${SECTION}.monitor` }];
    const onlyEpochs = config.everyNSteps === undefined && config.everyMinutes === undefined;
    const epochs = config.everyNEpochs ?? (onlyEpochs ? 1 : undefined);
    this.#byEpoch = epochs === undefined ? null : anyOfSave(everyNEpochs(epochs));
    this.#byStep = config.everyNSteps === undefined ? null : everyNSteps(config.everyNSteps);
    this.#byClock = config.everyMinutes === undefined ? null : everyMinutes(config.everyMinutes);
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
    trainer.requestCheckpoint(`${this.#byEpoch.name}, epoch ${now.epoch}`, { keep: true });
  }

  override state(): StateValue {
    return { lastStep: this.#lastStep?.step ?? null, lastEpoch: this.#lastEpoch?.epoch ?? null };
  }

  override loadState(state: StateValue): void {
    const { lastStep, lastEpoch } = savedFields(state, ["lastStep", "lastEpoch"], "ModelCheckpointHook");
    if (typeof lastStep === "number") this.#lastStep = { step: lastStep, epoch: 0, ms: 0 };
    if (typeof lastEpoch === "number") this.#lastEpoch = { step: 0, epoch: lastEpoch, ms: 0 };
  }
}

function nowOf({ state }: TrainerView, epochEnded: boolean): LastAsked & { epochEnded: boolean } {
  return { step: state.step, epoch: state.epoch, epochEnded, ms: state.clock.nowMs };
}
