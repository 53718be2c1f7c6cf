import { z } from "zod";
import { agreeing, instance, parseConfig, ProgressBarConfig, withFallback } from "../../config/index.js";
import type { LoaderSetup, LogInterval, Metrics, TrainerView, WithDefaults } from "../../contract/index.js";
import { columnsOf, isTerminal } from "../../support/terminal.js";
import { TextOutput } from "../../support/text-output.js";
import { progressLine, type Progress } from "../support/progress-line.js";
import { leavesLine, WriteWatch } from "../../support/write-watch.js";
import { afterFirstBatch, progressStart, runProgress, type ProgressStart } from "../support/run-progress.js";
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
 * On a terminal one line is redrawn at most every `refreshMs`; elsewhere a plain line is written every `plainEverySeconds`. Between
 * boundaries it reads no metric, and only rank 0 shows anything.
 * While the run trains it watches what others write to the terminal (`console.log`): the bar is taken away before, and drawn again below;
 * not on a line that they have not finished.
 * The line is shorter than the terminal is wide: what does not fit is left out, the time left last.
 * A stream that breaks, or whose reader stops, never harms the run: what it does not take is counted, and told by a warning at the end.
 */
export class ProgressBarHook extends TrainerHooks {
  override readonly key: string = "progressBar";
  readonly #stream: ProgressStream;
  readonly #output: TextOutput;
  readonly #onTerminal: boolean;
  readonly #everyMs: number;
  /** True where a bar is drawn: on a terminal, by rank 0. */
  #draws = false;
  /** What the bar shows; null where there is none. */
  #bar: Progress | null = null;
  /** True while it is on the terminal. */
  #isDrawn = false;
  /** Others have written the beginning of a line. */
  #isLineTaken = false;
  readonly #watch: WriteWatch;
  /** The clock of the next line. The first batch has none. */
  #nextMs = Infinity;
  #firstLineMs = Infinity;
  #metrics: Metrics = {};
  #start: ProgressStart = { samples: 0, batch: 0, trainSeconds: 0, first: null };
  #validationBatch = 0;
  #validationBatches: number | null = null;

  constructor(config: ProgressBarConfig = {}, options: ProgressBarOptions = {}) {
    super();
    const { refreshMs, plainEverySeconds } = parseConfig(ProgressBarConfig, config, "hooks.progressBarConfig");
    this.#stream = parseConfig(ProgressBarOptions, options, "options").stream;
    this.#output = new TextOutput(this.#stream);
    this.#onTerminal = this.#output.isTTY;
    this.#everyMs = this.#onTerminal ? refreshMs : plainEverySeconds * 1000;
    const terminals = [this.#stream, process.stdout, process.stderr].filter(isTerminal);
    this.#watch = new WriteWatch(terminals, { before: (text) => this.#giveWay(text), after: () => this.#draw() });
  }

  override onTrainStart(trainer: TrainerView): void {
    const { state, run } = trainer;
    if (run.rank !== 0) return;
    this.#start = progressStart(state);
    this.#validationBatches = batchesOf(run.setup?.validation ?? []);
    this.#nextMs = state.clock.nowMs;
    // A terminal shows something at once; a log file wants its first line after one period.
    this.#firstLineMs = this.#nextMs + (this.#onTerminal ? 0 : this.#everyMs);
    this.#draws = this.#onTerminal;
    if (this.#draws) this.#watch.start();
  }

  /** The first step may take long: it compiles what the others use. */
  override onEpochStart(trainer: TrainerView): void {
    if (this.#draws) this.#showTraining(trainer);
  }

  override onTrainBatchEnd(trainer: TrainerView): void {
    const { nowMs } = trainer.state.clock;
    if (nowMs < this.#nextMs) return;
    if (this.#start.first === null) {
      this.#start = afterFirstBatch(this.#start, trainer.state);
      this.#nextMs = this.#firstLineMs;
      if (nowMs < this.#nextMs) return;
    }
    this.#nextMs = nowMs + this.#everyMs;
    this.#showTraining(trainer);
  }

  override onLogInterval(trainer: TrainerView, interval: LogInterval): void {
    this.#metrics = shown(interval.values, trainer.metrics["val/loss"]);
    // Where batches are slow, the next one is long in coming.
    if (this.#draws && interval.batchSeconds * 1000 >= this.#everyMs) this.#showTraining(trainer);
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
    if (!this.#draws) return;
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
    this.#watch.stop();
    await this.#output.close();
    const { error, dropped } = this.#output;
    if (error === undefined) return;
    const message = `The progress bar could not be shown to the end, ${dropped} updates were dropped: ${error}`;
    trainer.logger.logEvent("warning", { message }, trainer.state.step);
  }

  #showTraining(trainer: TrainerView): void {
    this.#show(runProgress(trainer, this.#start, this.#metrics));
  }

  #showValidation(trainer: TrainerView, nowMs: number = performance.now()): void {
    if (!this.#draws) return;
    this.#nextMs = nowMs + this.#everyMs;
    const progress = runProgress(trainer, this.#start, this.#metrics);
    this.#show({
      ...progress,
      isValidation: true,
      batch: this.#validationBatch,
      batches: this.#validationBatches,
      samplesPerSecond: null,
    });
  }

  #show(progress: Progress): void {
    if (!this.#draws) return this.#output.write(`${progressLine(progress, null)}\n`);
    this.#bar = progress;
    this.#draw();
  }

  #draw(): void {
    if (this.#bar === null || this.#isLineTaken) return;
    this.#write(`${CLEAR_LINE}${progressLine(this.#bar, columnsOf(this.#stream))}`);
    this.#isDrawn = true;
  }

  #clear(): void {
    this.#bar = null;
    this.#wipe();
  }

  #wipe(): void {
    if (!this.#isDrawn) return;
    this.#write(CLEAR_LINE);
    this.#isDrawn = false;
  }

  /** Others are about to write `text`. */
  #giveWay(text: unknown): void {
    this.#wipe();
    this.#isLineTaken = leavesLine(text, this.#isLineTaken);
  }

  #write(text: string): void {
    this.#watch.unwatched(() => this.#output.write(text));
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
