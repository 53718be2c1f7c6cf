import { join } from "node:path";
import type { Bounds, DeliveryReport, Metrics, ParamValue, RunStatus } from "../../contract/index.js";
import { SummaryWriter } from "./summary-writer.js";
import type { SummaryWriterOptions } from "./options.js";

/** The directory of the session, below the run's. */
const DIRECTORY = "hparams";
const METRIC = "final/";
/** With a larger step TensorBoard shows no hparams of any run. */
const MAX_STEP = 2 ** 31 - 1;

/**
 * The run's row in the HParams tab: a TensorBoard run of its own below the run's directory, with its params and its `final/…` values.
 *
 * TensorBoard takes as metrics all scalars in and below the directory that has the hparams, so in the run's own directory each curve would
 * be a column. A record that names the columns is no way out: only one of them counts in a log directory, so that the params of its run
 * would be the columns of all runs.
 */
export class HparamsRun {
  readonly #writer: SummaryWriter;
  #isEnded = false;

  constructor(dir: string, options: SummaryWriterOptions, params: Readonly<Record<string, ParamValue>>) {
    this.#writer = new SummaryWriter(join(dir, DIRECTORY), options);
    this.#writer.addHparams(Object.fromEntries(Object.entries(params).map(([name, value]) => [name, value ?? "null"])));
  }

  /** Takes the values that are metrics of the tab. */
  logMetrics(metrics: Metrics, step: number, wallTime: number | undefined): void {
    let values: Record<string, number> | null = null;
    for (const name in metrics) if (name.startsWith(METRIC)) (values ??= {})[name] = metrics[name] as number;
    if (values !== null) this.#writer.addScalars(values, Math.min(step, MAX_STEP), wallTime);
  }

  flush(bounds?: Bounds): Promise<void> {
    return this.#writer.flush(bounds);
  }

  /** An interrupted run gets no end: it may be resumed. */
  close(status: RunStatus, bounds?: Bounds): Promise<void> {
    if (status === "failed" && !this.#isEnded) this.#writer.endHparams("failure");
    this.#isEnded = true;
    return status === "interrupted" ? this.#writer.suspend(bounds) : this.#writer.close(bounds);
  }

  /** `report` with what became of the params, which count as one record. The values are counted where the run's curves are. */
  addTo(report: DeliveryReport): DeliveryReport {
    const { delivered, pending, dropped, refused, error } = this.#writer.report();
    const sum = {
      ...report,
      delivered: report.delivered + Math.min(delivered, 1),
      pending: report.pending + pending,
      refused: report.refused + refused,
      dropped: report.dropped + dropped,
    };
    return sum.error === undefined && error !== undefined ? { ...sum, error } : sum;
  }
}
