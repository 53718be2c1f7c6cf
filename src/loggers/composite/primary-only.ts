import type {
  Bounds,
  DeliveryReport,
  LoggerBackend,
  MaybePromise,
  Metrics,
  PointTime,
  RunControl,
  RunInfo,
  RunStatus,
} from "../../contract/index.js";

/**
 * The backend of a rank other than 0: text and events go to this rank's own backend; metrics, params, media, graph, artifacts, tags and notes,
 * which rank 0 logs, are dropped and counted.
 */
export class PrimaryOnlyBackend implements LoggerBackend {
  /** The name of the rank's own backend. */
  readonly name: string;
  readonly #local: LoggerBackend;
  #delivered = 0;
  #dropped = 0;

  /** `local` gets text and events. Give the result to a `CompositeLogger`, as on rank 0. */
  constructor(local: LoggerBackend) {
    this.#local = local;
    this.name = local.name;
  }

  /** Starts the rank's own backend. */
  start(run: RunInfo, control: RunControl): MaybePromise<void> {
    return this.#local.start?.(run, control);
  }

  /** Drops and counts every point. */
  logMetrics(metrics: Metrics): void {
    for (const _ in metrics) this.#dropped++;
  }

  /** Drops and counts the call. */
  logParams(): void {
    this.#dropped++;
  }

  /** Drops and counts the call. */
  logHistogram(): void {
    this.#dropped++;
  }

  /** Drops and counts the call. */
  logImage(): void {
    this.#dropped++;
  }

  /** Drops and counts the call. */
  logScatter(): void {
    this.#dropped++;
  }

  /** Drops and counts the call. */
  logGraph(): void {
    this.#dropped++;
  }

  /** Drops and counts the call. */
  logArtifact(): void {
    this.#dropped++;
  }

  /** Drops and counts the call. */
  setTags(): void {
    this.#dropped++;
  }

  /** Drops and counts the call. */
  setNotes(): void {
    this.#dropped++;
  }

  /** Passes the text on; as an event "text" where the rank's own backend has no `logText`. */
  logText(name: string, text: string, step: number, at?: PointTime): void {
    if (this.#local.logText === undefined) return this.logEvent("text", { name, text }, step);
    this.#local.logText(name, text, step, at);
    this.#delivered++;
  }

  /** Passes the event on; drops and counts it where the rank's own backend has no `logEvent`. */
  logEvent(name: string, data: Readonly<Record<string, unknown>>, step?: number): void {
    if (this.#local.logEvent === undefined) {
      this.#dropped++;
      return;
    }
    this.#local.logEvent(name, data, step);
    this.#delivered++;
  }

  /** Flushes the rank's own backend; its report counts what was dropped here too. */
  async flush(bounds?: Bounds): Promise<DeliveryReport[]> {
    return this.#reports(await this.#local.flush?.(bounds));
  }

  /** Closes the rank's own backend; its report counts what was dropped here too. */
  async close(status: RunStatus, bounds?: Bounds): Promise<DeliveryReport[]> {
    return this.#reports(await this.#local.close?.(status, bounds));
  }

  #reports(own: DeliveryReport[] | void): DeliveryReport[] {
    const [first, ...rest] = own ?? [];
    const report = first ?? { backend: this.name, delivered: this.#delivered, pending: 0, refused: 0, dropped: 0 };
    return [{ ...report, dropped: report.dropped + this.#dropped }, ...rest];
  }
}
