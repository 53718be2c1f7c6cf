/**
 * The run on a terminal or in a pipe: one line an interval, one table an epoch, warnings and errors as they come.
 * - What several hooks log at one step is one line: it is written when the step changes, when the event loop is idle,
 *   at `flush` and at `close`.
 * - It never throws and never leaves an `error` event uncaught (terminal.ts).
 * - It shows scalars, text and events. Other kinds are taken and not shown.
 */
import type {
  Bounds,
  DeliveryReport,
  LoggerBackend,
  LogLevel,
  Metrics,
  ModelDescription,
  PointTime,
  RunControl,
  RunInfo,
  RunStatus,
} from "../../contract/index.js";
import { redactText } from "../../config/redact.js";
import { EpochTable, isEpochMetric } from "./epoch-table.js";
import { duration, oneLine, rate } from "./format.js";
import { StepLine } from "./step-line.js";
import { Terminal, type LineStream } from "./terminal.js";
import { eventText } from "../composite/convert.js";

export interface ConsoleBackendOptions {
  /** Default `process.stdout`. It is never ended. */
  stream?: LineStream | undefined;
  /** Default: on a terminal without `NO_COLOR`. */
  color?: boolean | undefined;
  /** "debug" adds every metric, params, tags, artifacts and events; "warn" leaves warnings and errors. Default "info". */
  level?: LogLevel | undefined;
}

const RANK: Readonly<Record<LogLevel, number>> = { debug: 0, info: 1, warn: 2, error: 3, silent: 4 };
/** How long a step's line waits for what else is logged at that step, while the event loop is idle. */
const GATHER_MS = 100;
const DIM = 2;
const BOLD = 1;
const STATUS_COLORS: Readonly<Record<RunStatus, number>> = { completed: 32, stopped: 36, interrupted: 33, failed: 31 };

export class ConsoleBackend implements LoggerBackend {
  readonly name: string = "console";
  readonly #terminal: Terminal;
  readonly #color: boolean;
  readonly #level: number;
  readonly #line: StepLine;
  readonly #table: EpochTable;
  readonly #dim = (text: string): string => this.#paint(DIM, text);
  readonly #bold = (text: string): string => this.#paint(BOLD, text);
  #timer: NodeJS.Timeout | undefined;
  #run: RunInfo | undefined;
  #startedAt = Date.now();
  #records = 0;
  #closed = false;

  constructor(options: ConsoleBackendOptions = {}) {
    this.#terminal = new Terminal(options.stream ?? process.stdout);
    this.#color = options.color ?? (this.#terminal.isTTY && (process.env["NO_COLOR"] ?? "") === "");
    this.#level = RANK[options.level ?? "info"];
    const epochText = (epoch: number): string => this.#epochText(epoch);
    this.#line = new StepLine({ showDetail: this.#level === RANK.debug, epochText });
    this.#table = new EpochTable({ epochText });
  }

  start(run: RunInfo, _control?: RunControl): void {
    this.#run = run;
    this.#startedAt = Date.now();
    const attempt = run.attempt > 1 ? ` (attempt ${run.attempt}, from step ${run.resumedFromStep ?? 0})` : "";
    this.#info(`${this.#bold("run")} ${oneLine(run.runName)}${attempt}  ${this.#dim(oneLine(run.dir))}`);
  }

  logMetrics(metrics: Metrics, step: number, at?: PointTime): void {
    if (!this.#takes(RANK.info)) return;
    if (some(metrics, isEpochMetric)) this.#addEpoch(metrics, at?.epoch);
    else if (some(metrics, isStepMetric)) this.#addStep(metrics, step, at?.epoch);
    else this.#line.note(metrics);
  }

  logText(name: string, text: string, step?: number): void {
    if (!this.#takes(RANK.info)) return;
    this.#info(`${this.#at(step)}${oneLine(name)}: ${oneLine(redactText(text))}`);
  }

  logEvent(name: string, data: Readonly<Record<string, unknown>>, step?: number): void {
    if (name === "warning" || name === "error") return this.#alert(name, data, step);
    if (typeof data["message"] === "string") return this.logText(name, data["message"], step);
    if (this.#takes(RANK.debug)) this.#debug(name, eventText(data), step);
  }

  logParams(params: Readonly<Record<string, unknown>>): void {
    if (this.#takes(RANK.debug)) this.#debug("params", eventText(params));
  }

  setTags(tags: Readonly<Record<string, string>>): void {
    if (this.#takes(RANK.debug)) this.#debug("tags", eventText(tags));
  }

  logGraph(description: ModelDescription): void {
    if (!this.#takes(RANK.info)) return;
    const parameters = description.parameterCount === undefined ? "" : `, ${rate(description.parameterCount)} parameters`;
    this.#info(`${this.#dim("model")} ${oneLine(description.name ?? "")} ${description.layers.length} layers${parameters}`);
  }

  logArtifact(artifact: { name: string; path: string }, step?: number): void {
    if (this.#takes(RANK.debug)) this.#debug("artifact", `${artifact.name} ${artifact.path}`, step);
  }

  logHistogram(): void {
    this.#takes(RANK.info);
  }

  logImage(): void {
    this.#takes(RANK.info);
  }

  logScatter(): void {
    this.#takes(RANK.info);
  }

  async flush(_bounds?: Bounds): Promise<DeliveryReport[]> {
    this.#writePending();
    await this.#terminal.drain();
    return this.#report();
  }

  async close(status: RunStatus, _bounds?: Bounds): Promise<DeliveryReport[]> {
    if (this.#closed) return this.#report();
    this.#writePending();
    this.#closed = true;
    this.#end(status);
    await this.#terminal.close();
    return this.#report();
  }

  /** Counts a record; true where this level shows it. */
  #takes(rank: number): boolean {
    if (this.#closed) return false;
    this.#records++;
    return this.#level <= rank;
  }

  #addStep(metrics: Metrics, step: number, epoch: number | undefined): void {
    if (step !== this.#line.step || some(metrics, isFinalMetric)) this.#writePending();
    this.#line.add(metrics, step, epoch);
    this.#gather();
  }

  /** Training and validation of an epoch arrive apart: the table waits for both, or the next step, epoch, flush or close. */
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

  #writePending(): void {
    this.#writeLine();
    this.#writeTable();
  }

  #writeLine(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (!this.#line.isDue) return;
    const line = this.#line.take(this.#dim);
    if (line !== null) this.#info(line);
  }

  #writeTable(): void {
    if (!this.#table.isEmpty) for (const line of this.#table.take(this.#bold)) this.#info(line);
  }

  #alert(kind: "warning" | "error", data: Readonly<Record<string, unknown>>, step: number | undefined): void {
    const isError = kind === "error";
    if (!this.#takes(isError ? RANK.error : RANK.warn)) return;
    const text = oneLine(redactText(eventText(data)), 2000);
    this.#terminal.line(`${this.#paint(isError ? 31 : 33, kind)}  ${this.#at(step)}${text}`);
  }

  #debug(name: string, text: string, step?: number): void {
    this.#terminal.line(`${this.#at(step)}${this.#dim(`${oneLine(name)} ${oneLine(redactText(text))}`)}`);
  }

  #at(step: number | undefined): string {
    return step === undefined ? "" : `${this.#dim(`step ${step}`)}  `;
  }

  /** As people count: the first is 1. */
  #epochText(epoch: number): string {
    const epochs = this.#run?.config.maxEpochs;
    return epochs === undefined ? String(epoch + 1) : `${epoch + 1}/${epochs}`;
  }

  #info(text: string): void {
    if (this.#level <= RANK.info) this.#terminal.line(text);
  }

  #end(status: RunStatus): void {
    if (this.#run === undefined) return;
    const took = duration((Date.now() - this.#startedAt) / 1000);
    this.#info(
      `${this.#paint(STATUS_COLORS[status], status)} ${oneLine(this.#run.runName)} after ${took}  ${this.#dim(oneLine(this.#run.dir))}`,
    );
  }

  #paint(code: number, text: string): string {
    return this.#color ? `\u001b[${code}m${text}\u001b[0m` : text;
  }

  #report(): DeliveryReport[] {
    const { error, dropped } = this.#terminal;
    const report = { backend: this.name, delivered: this.#records, pending: 0, refused: 0, dropped };
    return [error === undefined ? report : { ...report, error }];
  }
}

/** The machine is sampled in its own rhythm: its values join the next line and ask for none. */
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
