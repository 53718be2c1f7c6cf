import type { ResolvedSystemMetricsConfig, TrainerView } from "../../contract/index.js";
import { parseConfig, SystemMetricsConfig } from "../../config/index.js";
import { SystemMetricsLogger, systemMetricNames } from "../../system/index.js";
import { TrainerHooks } from "../trainer-hooks.js";

/**
 * Logs `system/…` every `intervalSteps` (10) or `intervalSeconds`, samples at least a second apart, and once more at the
 * end. A point carries the step at which its sample was taken and is logged some milliseconds later; nothing waits for it.
 * On other ranks the names begin with `system/rank<k>/`.
 */
export class SystemMetricsHook extends TrainerHooks {
  override readonly key: string = "systemMetrics";
  override readonly produces: readonly string[];
  readonly #config: ResolvedSystemMetricsConfig;
  readonly #everySteps: number;
  readonly #everyMs: number | null;
  #nextStep = 0;
  #nextMs = 0;
  #loggedStep = -1;
  #prefix = "system";
  #metrics: SystemMetricsLogger | null = null;

  constructor(config: SystemMetricsConfig = {}) {
    super();
    this.#config = parseConfig(SystemMetricsConfig, config, "system");
    const { intervalSteps, intervalSeconds } = this.#config;
    this.#everyMs = intervalSeconds === undefined ? null : intervalSeconds * 1000;
    this.#everySteps = intervalSteps ?? Infinity; // the schema fills it in where intervalSeconds is not given
    this.produces = systemMetricNames(this.#config);
  }

  /** Milliseconds that sampling has held the main thread so far. */
  get timeInSamplingMs(): number {
    return this.#metrics?.timeInSamplingMs ?? 0;
  }

  override onTrainStart(trainer: TrainerView): void {
    const { logCpu, logMemory, logGpu, logDisk, logNetwork, gpuDevice } = this.#config;
    const tell = (event: string) => (message: string) => trainer.logger.logEvent(event, { message }, trainer.state.step);
    this.#metrics = new SystemMetricsLogger({
      logger: trainer.logger,
      logCpu,
      logMemory,
      logGpu,
      logDisk,
      logNetwork,
      gpuDevice,
      onWarning: tell("warning"),
      onInfo: tell("info"),
    });
    this.#metrics.open();
    if (trainer.run.rank > 0) this.#prefix = `system/rank${trainer.run.rank}`;
    this.#scheduleNext(trainer);
  }

  override onTrainBatchEnd(trainer: TrainerView): void {
    const { step, clock } = trainer.state;
    if (this.#everyMs === null ? step < this.#nextStep : clock.nowMs < this.#nextMs) return;
    this.#log(trainer);
    this.#scheduleNext(trainer);
  }

  override async onTrainEnd(trainer: TrainerView): Promise<void> {
    if (this.#metrics === null) return;
    if (trainer.state.step !== this.#loggedStep) this.#log(trainer);
    await this.#metrics.close();
  }

  #log(trainer: TrainerView): void {
    const { step, epoch } = trainer.state;
    if (this.#metrics?.logMetrics(step, this.#prefix, { epoch }) === true) this.#loggedStep = step;
  }

  #scheduleNext(trainer: TrainerView): void {
    const { step, clock } = trainer.state;
    this.#nextStep = step - (step % this.#everySteps) + this.#everySteps;
    this.#nextMs = clock.nowMs + (this.#everyMs ?? 0);
  }
}
