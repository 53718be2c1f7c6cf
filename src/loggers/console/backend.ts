import { parseConfig } from "../../config/problems.js";
import { redactText } from "../../config/redact.js";
import type {
  Artifact,
  Bounds,
  DeliveryReport,
  LoggerBackend,
  LogLevel,
  Metrics,
  ModelDescription,
  ParamValue,
  PointTime,
  RunControl,
  RunInfo,
  RunStatus,
} from "../../contract/index.js";
import { durationText, rateText } from "../../support/number-text.js";
import { TextOutput } from "../../support/text-output.js";
import { eventText } from "../composite/convert.js";
import { MetricLines } from "./metric-lines.js";
import { indentedLines, oneLine } from "./one-line.js";
import { ConsoleBackendOptions } from "./options.js";

const RANK: Readonly<Record<LogLevel, number>> = { debug: 0, info: 1, warn: 2, error: 3, silent: 4 };
const CLEAR_LINE = "\r\u001b[K";
const BOLD = 1;
const DIM = 2;
const RED = 31;
const YELLOW = 33;
const STATUS_COLORS: Readonly<Record<RunStatus, number>> = { completed: 32, stopped: 36, interrupted: YELLOW, failed: RED };

/**
 * The run on a terminal or in a pipe: one line per log interval, one table per epoch, warnings and errors at once.
 * - What several hooks log at one step is one line: it is written when the step changes, when the event loop is idle, at `flush` and at
 *   `close`.
 * - A stream that breaks never throws and never leaves an `error` event uncaught; one whose reader stops never holds more than a
 *   megabyte, and is waited for one second at most: lines are dropped and counted.
 * - Control characters in names and messages are written as `\x1b`; lines of a warning stay lines, and are indented.
 * - It shows points, text and events. Histograms, images and scatters are accepted and not shown.
 */
export class ConsoleBackend implements LoggerBackend {
  /** Always `console`: what reports and errors call it. */
  readonly name: string = "console";
  readonly #output: TextOutput;
  readonly #color: boolean;
  readonly #level: number;
  readonly #metrics: MetricLines;
  #run: RunInfo | undefined;
  #startedMs = performance.now();
  #records = 0;
  #closed = false;

  /** Writes nothing yet. Throws `ERR_CONFIG` for wrong options. */
  constructor(options: ConsoleBackendOptions = {}) {
    const { stream, color, level } = parseConfig(ConsoleBackendOptions, options, "ConsoleBackend");
    this.#output = new TextOutput(stream);
    this.#color = color ?? (this.#output.isTTY && (process.env["NO_COLOR"] ?? "") === "");
    this.#level = RANK[level];
    this.#metrics = new MetricLines({
      showDetail: this.#level === RANK.debug,
      epochText: (epoch) => this.#epochText(epoch),
      paintLabel: (text) => this.#paint(DIM, text),
      paintHeading: (text) => this.#paint(BOLD, text),
      print: (line) => this.#info(line),
    });
  }

  /** Writes the run's name and directory, and where it resumes. */
  start(run: RunInfo, _control?: RunControl): void {
    this.#run = run;
    this.#startedMs = performance.now();
    const attempt = run.attempt > 1 ? ` (attempt ${run.attempt}, from step ${run.resumedFromStep ?? 0})` : "";
    this.#info(
      `${this.#paint(BOLD, "run")} ${oneLine(redactText(run.runName))}${attempt}  ${this.#dim(oneLine(redactText(run.dir)))}`,
    );
  }

  /** Adds points to the line of the step or the table of the epoch; those named `system/…` join the next line. */
  logMetrics(metrics: Metrics, step: number, at?: PointTime): void {
    if (this.#counts(RANK.info)) this.#metrics.add(metrics, step, at?.epoch);
  }

  /** Writes the text on one line, cut at 300 characters. */
  logText(name: string, text: string, step?: number): void {
    if (!this.#counts(RANK.info)) return;
    this.#info(`${this.#at(step)}${oneLine(redactText(name))}: ${oneLine(redactText(text))}`);
  }

  /** Writes warnings, errors and every event that has a `message`; others at level "debug" only. */
  logEvent(name: string, data: Readonly<Record<string, unknown>>, step?: number): void {
    if (name === "warning" || name === "error") return this.#alert(name, data, step);
    if (typeof data["message"] === "string") return this.logText(name, data["message"], step);
    if (this.#counts(RANK.debug)) this.#debug(name, eventText(data), step);
  }

  /** Writes all params on one line, at level "debug" only. */
  logParams(params: Readonly<Record<string, ParamValue>>): void {
    if (this.#counts(RANK.debug)) this.#debug("params", eventText(params));
  }

  /** Writes all tags on one line, at level "debug" only. */
  setTags(tags: Readonly<Record<string, string>>): void {
    if (this.#counts(RANK.debug)) this.#debug("tags", eventText(tags));
  }

  /** Writes the notes on one line, at level "debug" only. */
  setNotes(markdown: string): void {
    if (this.#counts(RANK.debug)) this.#debug("notes", redactText(markdown));
  }

  /** Writes the model's name and size. */
  logGraph(description: ModelDescription): void {
    if (!this.#counts(RANK.info)) return;
    const parameters = description.parameterCount === undefined ? "" : `, ${rateText(description.parameterCount)} parameters`;
    this.#info(
      `${this.#dim("model")} ${oneLine(redactText(description.name ?? ""))} ${description.layers.length} layers${parameters}`,
    );
  }

  /** Writes the artifact's name and path, at level "debug" only. */
  logArtifact(artifact: Artifact, step?: number): void {
    if (this.#counts(RANK.debug)) this.#debug("artifact", redactText(`${artifact.name} ${artifact.path}`), step);
  }

  /** Counted, not shown. */
  logHistogram(): void {
    this.#counts(RANK.info);
  }

  /** Counted, not shown. */
  logImage(): void {
    this.#counts(RANK.info);
  }

  /** Counted, not shown. */
  logScatter(): void {
    this.#counts(RANK.info);
  }

  /** Writes what waits; resolves when the stream has accepted it, or after a second. */
  async flush(bounds?: Bounds): Promise<DeliveryReport[]> {
    this.#metrics.writePending();
    await this.#output.drain(bounds);
    return this.#report();
  }

  /** Writes what waits and how the run ended. The stream stays open, without a listener of this backend. */
  async close(status: RunStatus, bounds?: Bounds): Promise<DeliveryReport[]> {
    if (this.#closed) return this.#report();
    this.#metrics.writePending();
    this.#closed = true;
    this.#end(status);
    await this.#output.drain(bounds);
    await this.#output.close();
    return this.#report();
  }

  /** Counts a record; true where this level shows it. */
  #counts(rank: number): boolean {
    if (this.#closed) return false;
    this.#records++;
    return this.#level <= rank;
  }

  #alert(kind: "warning" | "error", data: Readonly<Record<string, unknown>>, step: number | undefined): void {
    const isError = kind === "error";
    if (!this.#counts(isError ? RANK.error : RANK.warn)) return;
    const text = indentedLines(eventText(data));
    this.#line(`${this.#paint(isError ? RED : YELLOW, kind)}  ${this.#at(step)}${text}`);
  }

  #debug(name: string, text: string, step?: number): void {
    this.#line(`${this.#at(step)}${this.#dim(`${oneLine(redactText(name))} ${oneLine(text)}`)}`);
  }

  #at(step: number | undefined): string {
    return Number.isFinite(step) ? `${this.#dim(`step ${step}`)}  ` : "";
  }

  /** As people count: the first is 1. */
  #epochText(epoch: number): string {
    const epochs = this.#run?.config.maxEpochs;
    return epochs === undefined ? String(epoch + 1) : `${epoch + 1}/${epochs}`;
  }

  /** On a terminal each line clears the line it is written over, so that a progress bar there is not mixed in. */
  #line(text: string): void {
    this.#output.write(this.#output.isTTY ? `${CLEAR_LINE}${text}\n` : `${text}\n`);
  }

  #info(text: string): void {
    if (this.#level <= RANK.info) this.#line(text);
  }

  #end(status: RunStatus): void {
    if (this.#run === undefined) return;
    const took = durationText((performance.now() - this.#startedMs) / 1000);
    const painted = this.#paint(STATUS_COLORS[status], status);
    this.#info(
      `${painted} ${oneLine(redactText(this.#run.runName))} after ${took}  ${this.#dim(oneLine(redactText(this.#run.dir)))}`,
    );
  }

  #dim(text: string): string {
    return this.#paint(DIM, text);
  }

  #paint(code: number, text: string): string {
    return this.#color ? `\u001b[${code}m${text}\u001b[0m` : text;
  }

  #report(): DeliveryReport[] {
    const { error, dropped } = this.#output;
    const report = { backend: this.name, delivered: Math.max(0, this.#records - dropped), pending: 0, refused: 0, dropped };
    return [error === undefined ? report : { ...report, error }];
  }
}
