import type { LogInterval, TrainerView } from "../../contract/index.js";
import { parseConfig, ThroughputConfig } from "../../config/index.js";
import { ThroughputMeter } from "../../metrics/throughput.js";
import type { Throughput } from "../../metrics/throughput.js";
import { TrainerHooks } from "../trainer-hooks.js";

const SERIES: readonly (readonly [keyof Throughput, string])[] = [
  ["samplesPerSecond", "throughput/samples_per_second"],
  ["tokensPerSecond", "throughput/tokens_per_second"],
  ["batchSeconds", "throughput/batch_seconds"],
  ["dataWaitSeconds", "throughput/data_wait_seconds"],
  ["forwardSeconds", "throughput/forward_seconds"],
  ["backwardSeconds", "throughput/backward_seconds"],
  ["optimizerSeconds", "throughput/optimizer_seconds"],
];

/**
 * Logs rates and seconds a batch over the last `windowSize` batches, at every log boundary; validation and saving are not
 * counted. Tokens and the parts of a step appear where the model tells them.
 */
export class ThroughputHook extends TrainerHooks {
  override readonly key: string = "throughput";
  override readonly produces: readonly string[] = SERIES.map(([, name]) => name);
  readonly #meter: ThroughputMeter;

  constructor(config: ThroughputConfig = {}) {
    super();
    this.#meter = new ThroughputMeter(parseConfig(ThroughputConfig, config, "hooks.throughputConfig"));
  }

  override onLogInterval(trainer: TrainerView, interval: LogInterval): void {
    this.#meter.add(interval);
    const throughput = this.#meter.getThroughput();
    const values: Record<string, number> = {};
    for (const [field, name] of SERIES) {
      const value = throughput[field];
      if (value !== null) values[name] = value;
    }
    if (throughput.batches > 0) trainer.logger.logMetrics(values, interval.step, { epoch: interval.epoch });
  }
}
