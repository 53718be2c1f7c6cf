import type { Metrics } from "../../contract/index.js";
import { setOwn } from "../../support/own.js";
import { EpochLine } from "./epoch-line.js";
import { EpochTable } from "./epoch-table.js";
import { EpochValues, isEpochMetric } from "./epoch-values.js";
import { StepLine, type LineOptions, type ShownLines } from "./step-line.js";

/** How long a step's line waits for what else is logged at that step, while the event loop is idle. */
const GATHER_MS = 100;
const FINAL = "final/";

interface MetricLinesOptions extends LineOptions {
  /** False: a progress bar shows the steps. */
  readonly showSteps: () => boolean;
  /** Gets lines when they are due. */
  readonly print: (lines: readonly string[]) => void;
  /** Called when something is left out of what was printed last. */
  readonly onPart: () => void;
}

/**
 * Points as lines: one a step, one an epoch, or a table an epoch where several loaders differ.
 * - What several hooks log at one step is one line. It is due when the step changes, when the event loop is idle, at `writePending`.
 * - Training and validation of an epoch are logged one after the other: their line is due when both are there (at the latest before a
 *   text, by `writeWhole`), or with the next step, epoch or `writePending`.
 */
export class MetricLines {
  readonly #options: MetricLinesOptions;
  readonly #line: StepLine;
  readonly #epochLine = new EpochLine();
  readonly #epochTable = new EpochTable();
  /** The values named `final/…`, without that prefix: they are of the whole run, and no line of their own. */
  readonly final: Map<string, number> = new Map();
  #epoch: EpochValues | null = null;
  /** A validation is waited for until an epoch had none; always, once there was one. */
  #validates = true;
  #hasValidated = false;
  /** Steps were not shown, because a progress bar shows them. */
  #hasSkipped = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: MetricLinesOptions) {
    this.#options = options;
    this.#line = new StepLine(options);
  }

  add(metrics: Metrics, step: number, epoch: number | undefined): void {
    if (some(metrics, isFinalMetric)) return this.#addFinal(metrics, step, epoch);
    if (some(metrics, isEpochMetric)) this.#addEpoch(metrics, step, epoch);
    else if (some(metrics, isStepMetric)) this.#addStep(metrics, step, epoch);
    else this.#line.note(metrics);
  }

  /** Prints what waits. */
  writePending(): void {
    this.#writeLine();
    this.#writeEpoch();
  }

  /** Prints the values of an epoch of which nothing more is to come. */
  writeWhole(): void {
    if (this.#epoch !== null && (this.#epoch.hasValidation || !this.#validates)) this.#writeEpoch();
  }

  #addFinal(metrics: Metrics, step: number, epoch: number | undefined): void {
    const others: Record<string, number> = {};
    for (const name in metrics) {
      const value = metrics[name] as number;
      if (isFinalMetric(name)) this.final.set(name.slice(FINAL.length), value);
      else setOwn(others, name, value);
    }
    if (Object.keys(others).length > 0) this.add(others, step, epoch);
  }

  #addStep(metrics: Metrics, step: number, epoch: number | undefined): void {
    if (step !== this.#line.step) this.writePending();
    this.#line.add(metrics, step, epoch);
    this.#gather();
  }

  #addEpoch(metrics: Metrics, step: number, epoch: number | undefined): void {
    this.#writeLine();
    if (this.#epoch !== null && epoch !== undefined && epoch !== this.#epoch.epoch) this.#writeEpoch();
    this.#epoch ??= new EpochValues(step);
    this.#epoch.add(metrics, step, epoch);
    this.#gather();
  }

  #gather(): void {
    if (this.#timer !== undefined) return;
    this.#timer = setTimeout(() => {
      this.#writeLine();
      this.writeWhole();
    }, GATHER_MS);
    this.#timer.unref();
  }

  #writeLine(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (!this.#line.isDue) return;
    if (this.#options.showSteps()) return this.#print(this.#line.consume());
    this.#line.clear();
    this.#hasSkipped = true;
  }

  #writeEpoch(): void {
    const values = this.#epoch;
    this.#epoch = null;
    if (values === null || values.rows.size === 0) return;
    this.#hasValidated ||= values.hasValidation;
    this.#validates = this.#hasValidated;
    const row = values.onlyRow();
    const { lines, isPart } =
      row === null ? this.#epochTable.linesOf(values, this.#options) : this.#epochLine.linesOf(values, row, this.#options);
    this.#print({ lines, isPart: isPart || this.#hasSkipped });
  }

  #print({ lines, isPart }: ShownLines): void {
    if (lines.length === 0) return;
    this.#options.print(lines);
    if (isPart) this.#options.onPart();
  }
}

/** The machine is sampled at its own interval: its values join the next line and need none of their own. */
function isStepMetric(name: string): boolean {
  return !name.startsWith("system/");
}

function isFinalMetric(name: string): boolean {
  return name.startsWith(FINAL);
}

function some(metrics: Metrics, matches: (name: string) => boolean): boolean {
  for (const name in metrics) if (matches(name)) return true;
  return false;
}
