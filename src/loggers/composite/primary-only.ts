/**
 * The backend of a rank other than 0: metrics, params, media, graph, artifacts and tags are dropped and counted, text
 * and events go to this rank's own log.
 */
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

export class PrimaryOnlyBackend implements LoggerBackend {
  readonly name: string;
  readonly #local: LoggerBackend;
  #delivered = 0;
  #dropped = 0;

  /** `local` gets text and events; give it to a `CompositeLogger`, as on rank 0. */
  constructor(local: LoggerBackend) {
    this.#local = local;
    this.name = local.name;
  }

  start(run: RunInfo, control: RunControl): MaybePromise<void> {
    return this.#local.start?.(run, control);
  }

  logMetrics(metrics: Metrics): void {
    for (const _ in metrics) this.#dropped++;
  }

  logParams(): void {
    this.#dropped++;
  }

  logHistogram(): void {
    this.#dropped++;
  }

  logImage(): void {
    this.#dropped++;
  }

  logScatter(): void {
    this.#dropped++;
  }

  logGraph(): void {
    this.#dropped++;
  }

  logArtifact(): void {
    this.#dropped++;
  }

  setTags(): void {
    this.#dropped++;
  }

  logText(name: string, text: string, step: number, at?: PointTime): void {
    if (this.#local.logText === undefined) return this.logEvent("text", { name, text }, step);
    this.#local.logText(name, text, step, at);
    this.#delivered++;
  }

  logEvent(name: string, data: Readonly<Record<string, unknown>>, step?: number): void {
    if (this.#local.logEvent === undefined) {
      this.#dropped++;
      return;
    }
    this.#local.logEvent(name, data, step);
    this.#delivered++;
  }

  async flush(bounds?: Bounds): Promise<DeliveryReport[]> {
    return this.#reports(await this.#local.flush?.(bounds));
  }

  async close(status: RunStatus, bounds?: Bounds): Promise<DeliveryReport[]> {
    return this.#reports(await this.#local.close?.(status, bounds));
  }

  #reports(own: DeliveryReport[] | void): DeliveryReport[] {
    const [first, ...rest] = own ?? [];
    const report = first ?? { backend: this.name, delivered: this.#delivered, pending: 0, refused: 0, dropped: 0 };
    return [{ ...report, dropped: report.dropped + this.#dropped }, ...rest];
  }
}
