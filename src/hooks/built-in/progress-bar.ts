import { z } from "zod";
import { agreeing, instance, parseConfig, ProgressBarConfig, withFallback } from "../../config/index.js";
import type { LoaderSetup, LogInterval, Metrics, TrainerView, WithDefaults } from "../../contract/index.js";
import { columnsOf, isTerminal } from "../../support/terminal.js";
import { TextOutput } from "../../support/text-output.js";
import { progressLine, type Progress } from "../support/progress-line.js";
import { progressStart, runProgress, type ProgressStart } from "../support/run-progress.js";
import { TrainerHooks } from "../trainer-hooks.js";

/** Where the bar is drawn: standard error, or what has its methods. */
export interface ProgressStream {
  /** Writes text; what it returns is ignored. */
  write(text: string): unknown;
  /** True: the bar is redrawn in place; else plain lines are written. */
  readonly isTTY?: boolean | undefined;
  /** Cells of a line, read at each write; left out or 0: the environment variable COLUMNS, else 80. */
  readonly columns?: number | undefined;
}

/** What a `ProgressBarHook` takes beside its config. */
export interface ProgressBarOptions {
  /** Where the bar is drawn. Left out: standard error, or standard output where only that is a terminal. */
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
        "Where the bar is drawn. Left out: standard error, or standard output where only that is a terminal.",
      ),
      () => (!isTerminal(process.stderr) && isTerminal(process.stdout) ? process.stdout : process.stderr),
    ),
  }),
);

const CLEAR_LINE = "\r\u001b[2K";
const MAX_METRICS = 4;

/**
 * Shows where the run is: epoch, batch, time left, samples per second, and the metrics of the last log boundary; the batch of a validation.
 * On a terminal one line is redrawn at most every `refreshMs`, and taken away before others print; elsewhere a plain line
 * is written every `plainEverySeconds`. Between boundaries it reads no metric, and only rank 0 shows anything.
 * The line is shorter than the terminal is wide: what does not fit is left out, the time left last.
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
  #start: ProgressStart = { samples: 0, batch: 0, trainSeconds: 0, validationSeconds: 0 };
  #validationBatch = 0;
  #validationBatches: number | null = null;

  constructor(config: ProgressBarConfig = {}, options: ProgressBarOptions = {}) {
    super();
    const { refreshMs, plainEverySeconds } = parseConfig(ProgressBarConfig, config, "hooks.progressBarConfig");
    this.#stream = parseConfig(ProgressBarOptions, options, "options").stream;
    this.#output = new TextOutput(this.#stream);
    this.#onTerminal = this.#output.isTTY;
    this.#everyMs = this.#onTerminal ? refreshMs : plainEverySeconds * 1000;
  }

  override onTrainStart(trainer: TrainerView): void {
    const { state, run } = trainer;
    this.#start = progressStart(state);
    this.#silent = run.rank !== 0;
    this.#validationBatches = batchesOf(run.setup?.validation ?? []);
    // A terminal shows something at once; a log file wants its first line after one period.
    this.#nextMs = state.clock.nowMs + (this.#onTerminal ? 0 : this.#everyMs);
  }

  /** The first step may take long: it compiles what the others use. */
  override onEpochStart(trainer: TrainerView): void {
    if (this.#onTerminal) this.#show(this.#line(runProgress(trainer, this.#start, this.#metrics)));
  }

  override onTrainBatchEnd(trainer: TrainerView): void {
    const { nowMs } = trainer.state.clock;
    if (nowMs < this.#nextMs || this.#silent) return;
    this.#nextMs = nowMs + this.#everyMs;
    this.#show(this.#line(runProgress(trainer, this.#start, this.#metrics)));
  }

  override onLogInterval(trainer: TrainerView, interval: LogInterval): void {
    this.#metrics = shown(interval.values, trainer.metrics["val/loss"]);
    this.#clear();
  }

  override onTrainEpochEnd(): void {
    this.#clear();
  }

  override onValidationStart(trainer: TrainerView): void {
    this.#validationBatch = 0;
    this.#showValidation(trainer);
  }

  override onValidationBatchEnd(trainer: TrainerView): void {
    this.#validationBatch++;
    if (!this.#onTerminal || this.#silent) return;
    const nowMs = performance.now();
    if (nowMs >= this.#nextMs) this.#showValidation(trainer, nowMs);
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

  #showValidation(trainer: TrainerView, nowMs: number = performance.now()): void {
    if (!this.#onTerminal) return;
    this.#nextMs = nowMs + this.#everyMs;
    const progress = runProgress(trainer, this.#start, this.#metrics);
    this.#show(
      this.#line({
        ...progress,
        isValidation: true,
        batch: this.#validationBatch,
        batches: this.#validationBatches,
        samplesPerSecond: null,
      }),
    );
  }

  #show(line: string): void {
    if (this.#silent) return;
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

  #line(progress: Progress): string {
    return progressLine(progress, this.#onTerminal ? columnsOf(this.#stream) : null);
  }
}

/** Batches of all loaders; null where one of them does not know, or there is none. */
function batchesOf(loaders: readonly LoaderSetup[]): number | null {
  let sum = 0;
  for (const { batches } of loaders) sum += batches ?? Infinity;
  return sum > 0 && Number.isFinite(sum) ? sum : null;
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
