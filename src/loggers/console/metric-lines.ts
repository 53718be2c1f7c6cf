import type { Metrics } from "../../contract/index.js";
import { EpochTable, isEpochMetric } from "./epoch-table.js";
import { StepLine } from "./step-line.js";

/** How long a step's line waits for what else is logged at that step, while the event loop is idle. */
const GATHER_MS = 100;

interface MetricLinesOptions {
  /** Every metric, without a limit. */
  showDetail: boolean;
  epochText: (epoch: number) => string;
  paintLabel: (text: string) => string;
  paintHeading: (text: string) => string;
  /** Gets each line when it is due. */
  print: (line: string) => void;
}

/**
 * Points as lines: one a step, one table an epoch.
 * - What several hooks log at one step is one line. It is due when the step changes, when the event loop is idle, at `writePending`.
 * - Training and validation of an epoch are logged one after the other: their table is due when both are there, or with the next step,
 *   epoch or `writePending`.
 */
export class MetricLines {
  readonly #options: MetricLinesOptions;
  readonly #line: StepLine;
  readonly #table: EpochTable;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: MetricLinesOptions) {
    this.#options = options;
    this.#line = new StepLine(options);
    this.#table = new EpochTable(options);
  }

  add(metrics: Metrics, step: number, epoch: number | undefined): void {
    if (some(metrics, isEpochMetric)) this.#addEpoch(metrics, epoch);
    else if (some(metrics, isStepMetric)) this.#addStep(metrics, step, epoch);
    else this.#line.note(metrics);
  }

  /** Prints what waits. */
  writePending(): void {
    this.#writeLine();
    this.#writeTable();
  }

  #addStep(metrics: Metrics, step: number, epoch: number | undefined): void {
    if (step !== this.#line.step || some(metrics, isFinalMetric)) this.writePending();
    this.#line.add(metrics, step, epoch);
    this.#gather();
  }

  #addEpoch(metrics: Metrics, epoch: number | undefined): void {
    this.#writeLine();
    if (!this.#table.isEmpty && epoch !== undefined && epoch !== this.#table.epoch) this.#writeTable();
    this.#table.add(metrics, epoch);
    this.#gather();
  }

  #gather(): void {
    if (this.#timer !== undefined) return;
    this.#timer = setTimeout(() => {
      this.#writeLine();
      if (this.#table.isComplete) this.#writeTable();
    }, GATHER_MS);
    this.#timer.unref();
  }

  #writeLine(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (!this.#line.isDue) return;
    const line = this.#line.consume(this.#options.paintLabel);
    if (line !== null) this.#options.print(line);
  }

  #writeTable(): void {
    if (!this.#table.isEmpty) for (const line of this.#table.consume(this.#options.paintHeading)) this.#options.print(line);
  }
}

/** The machine is sampled at its own interval: its values join the next line and need none of their own. */
function isStepMetric(name: string): boolean {
  return !name.startsWith("system/");
}

function isFinalMetric(name: string): boolean {
  return name.startsWith("final/");
}

function some(metrics: Metrics, matches: (name: string) => boolean): boolean {
  for (const name in metrics) if (matches(name)) return true;
  return false;
}
