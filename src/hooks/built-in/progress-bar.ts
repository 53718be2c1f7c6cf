import { z } from "zod";
import { agreeing, instance, parseConfig, ProgressBarConfig, withFallback } from "../../config/index.js";
import type { LogInterval, Metrics, TrainerView, WithDefaults } from "../../contract/index.js";
import { TextOutput } from "../../support/text-output.js";
import { progressLine } from "../support/progress-line.js";
import { TrainerHooks } from "../trainer-hooks.js";

/** Where the bar is drawn: standard error, or what has its methods. */
export interface ProgressStream {
  /** Writes text; what it returns is ignored. */
  write(text: string): unknown;
  /** True: the bar is redrawn in place; else plain lines are written. */
  readonly isTTY?: boolean | undefined;
  /** Width of the terminal in characters; left out: 80. */
  readonly columns?: number | undefined;
}

/** What a `ProgressBarHook` takes beside its config. */
export interface ProgressBarOptions {
  /** Where the bar is drawn. @default process.stderr */
  stream?: ProgressStream | undefined;
}

/** The schema of `ProgressBarOptions`. @internal */
export const ProgressBarOptions: z.ZodType<WithDefaults<ProgressBarOptions, "stream">, ProgressBarOptions> = agreeing<
  WithDefaults<ProgressBarOptions, "stream">,
  ProgressBarOptions
>()("What a ProgressBarHook takes beside its config.", () =>
  z.strictObject({
    stream: withFallback(
      instance<ProgressStream>(
        (value) => typeof (value as Partial<ProgressStream> | null)?.write === "function",
        "an object with a `write` method",
        "Where the bar is drawn.",
        { default: "process.stderr" },
      ),
      () => process.stderr,
    ),
  }),
);

const CLEAR_LINE = "\r\u001b[2K";
const MAX_METRICS = 4;

/**
 * Shows where the run is: epoch, batch, samples per second, time left, and the metrics of the last log boundary.
 * On a terminal one line is redrawn at most every `refreshMs`, and taken away before others print; elsewhere a plain line
 * is written every `plainEverySeconds`. Between boundaries it reads no metric, and only rank 0 shows anything.
 * A stream that breaks, or whose reader stops, never harms the run: what it does not take is counted, and told by a warning at the end.
 */
export class ProgressBarHook extends TrainerHooks {
  override readonly key: string = "progressBar";
  readonly #stream: ProgressStream;
  readonly #output: TextOutput;
  readonly #onTerminal: boolean;
  readonly #everyMs: number;
  #silent = false;
  #drawn = false;
  /** The clock of the next line; -1 before the first batch. */
  #nextMs = -1;
  #metrics: Metrics = {};
  #start = { samples: 0, batch: 0, trainSeconds: 0 };

  constructor(config: ProgressBarConfig = {}, options: ProgressBarOptions = {}) {
    super();
    const { refreshMs, plainEverySeconds } = parseConfig(ProgressBarConfig, config, "hooks.progressBarConfig");
    this.#stream = parseConfig(ProgressBarOptions, options, "options").stream;
    this.#output = new TextOutput(this.#stream);
    this.#onTerminal = this.#output.isTTY;
    this.#everyMs = this.#onTerminal ? refreshMs : plainEverySeconds * 1000;
  }

  override onTrainStart(trainer: TrainerView): void {
    const { samples, batch, clock } = trainer.state;
    this.#start = { samples, batch, trainSeconds: clock.trainSeconds };
    this.#silent = trainer.run.rank !== 0;
    // A terminal shows something at once; a log file wants its first line after one period.
    this.#nextMs = clock.nowMs + (this.#onTerminal ? 0 : this.#everyMs);
  }

  override onTrainBatchEnd(trainer: TrainerView): void {
    const { nowMs } = trainer.state.clock;
    if (nowMs < this.#nextMs || this.#silent) return;
    this.#nextMs = nowMs + this.#everyMs;
    this.#show(this.#line(trainer));
  }

  override onLogInterval(trainer: TrainerView, interval: LogInterval): void {
    this.#metrics = shown(interval.values, trainer.metrics["val/loss"]);
    this.#clear();
  }

  override onTrainEpochEnd(): void {
    this.#clear();
  }

  override onValidationStart(trainer: TrainerView, epoch: number): void {
    this.#clear();
    if (this.#silent || !this.#onTerminal) return;
    this.#show(`epoch ${epoch + 1} · validating`);
  }

  override onValidationEnd(trainer: TrainerView, _epoch: number, metrics: Metrics): void {
    this.#metrics = shown(this.#metrics, metrics["val/loss"]);
    this.#clear();
  }

  override onCheckpoint(): void {
    this.#clear();
  }

  override onEpochEnd(): void {
    this.#clear();
  }

  override onException(): void {
    this.#clear();
  }

  override onStop(): void {
    this.#clear();
  }

  override async onTrainEnd(trainer: TrainerView): Promise<void> {
    this.#clear();
    await this.#output.close();
    const { error, dropped } = this.#output;
    if (error === undefined) return;
    const message = `The progress bar could not be shown to the end, ${dropped} updates were dropped: ${error}`;
    trainer.logger.logEvent("warning", { message }, trainer.state.step);
  }

  #show(line: string): void {
    if (!this.#onTerminal) {
      this.#output.write(`${line}\n`);
      return;
    }
    this.#output.write(`${CLEAR_LINE}${line}`);
    this.#drawn = true;
  }

  #clear(): void {
    if (!this.#drawn) return;
    this.#output.write(CLEAR_LINE);
    this.#drawn = false;
  }

  #line(trainer: TrainerView): string {
    const { state, config } = trainer;
    const seconds = state.clock.trainSeconds - this.#start.trainSeconds;
    const batchesPerSecond = seconds > 0 ? (state.batch - this.#start.batch) / seconds : null;
    const batches = state.batchesPerEpoch !== null && Number.isFinite(state.batchesPerEpoch) ? state.batchesPerEpoch : null;
    const done = progressOfRun(trainer, batches);
    const left =
      done === null || batchesPerSecond === null || batchesPerSecond === 0 ? null : (done.total - done.count) / batchesPerSecond;
    return progressLine(
      {
        epoch: state.epoch,
        epochs: config.maxEpochs ?? null,
        batch: state.batchInEpoch,
        batches,
        share: done === null ? null : done.count / Math.max(1, done.total),
        samplesPerSecond: seconds > 0 ? (state.samples - this.#start.samples) / seconds : null,
        etaSeconds: left,
        metrics: this.#metrics,
      },
      this.#onTerminal ? (this.#stream.columns ?? 80) : null,
    );
  }
}

/** Batches done and in all: of the run by `maxEpochs` and `maxSteps`, whichever comes first, else of this epoch. */
function progressOfRun({ state, config }: TrainerView, batches: number | null): { count: number; total: number } | null {
  const byEpochs =
    config.maxEpochs === undefined || batches === null
      ? Infinity
      : config.maxEpochs * batches - (state.epoch * batches + state.batchInEpoch);
  // Micro-batches make a step longer than a batch: scale what is left by what it took so far.
  const batchesPerStep = state.step > 0 ? state.batch / state.step : 1;
  const bySteps = config.maxSteps === undefined ? Infinity : (config.maxSteps - state.step) * batchesPerStep;
  const left = Math.max(0, Math.min(byEpochs, bySteps));
  if (Number.isFinite(left)) return { count: state.batch, total: state.batch + left };
  return batches === null ? null : { count: state.batchInEpoch, total: batches };
}

/** The first few values, the loss first, and the last validation's loss. */
function shown(values: Metrics, valLoss: number | undefined): Metrics {
  const chosen: Record<string, number> = {};
  if (values["loss"] !== undefined) chosen["loss"] = values["loss"];
  for (const name in values) {
    const value = values[name];
    if (value !== undefined && Object.keys(chosen).length < MAX_METRICS - 1) chosen[name] = value;
  }
  if (valLoss !== undefined) chosen["val/loss"] = valLoss;
  return chosen;
}
