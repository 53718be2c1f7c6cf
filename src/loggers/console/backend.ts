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
  LogDestination,
  RunControl,
  RunEnd,
  RunInfo,
  RunStatus,
} from "../../contract/index.js";
import { showsProgressBar } from "../../config/shows-progress-bar.js";
import { foldText } from "../../support/fold-text.js";
import { eventText } from "../composite/convert.js";
import { endItems, endTitle, isRunEnd, type Ending } from "./end-block.js";
import { itemLines } from "./items.js";
import { MetricLines } from "./metric-lines.js";
import { indentedLines, oneLine } from "./one-line.js";
import { ConsoleBackendOptions } from "./options.js";
import { COLOR, Screen } from "./screen.js";
import { counted, shownText } from "./shown.js";
import { loggedItem, runTitle, startItems } from "./start-block.js";

const RANK: Readonly<Record<LogLevel, number>> = { debug: 0, info: 1, warn: 2, error: 3, silent: 4 };
const STATUS_COLORS: Readonly<Record<RunStatus, number>> = {
  completed: COLOR.green,
  stopped: COLOR.cyan,
  interrupted: COLOR.yellow,
  failed: COLOR.red,
};
/** Said once, after the first lines that something is left out of. */
const HOW_TO_SEE_ALL = 'More is logged than shown here: logLevel: "debug" shows all of it.';

/**
 * The run on a terminal or in a pipe: a block at the start that says what is trained, with what, and where it is logged; a line per log
 * interval, unless a progress bar shows the steps; a line per epoch, or a table where several loaders differ; warnings and errors at once;
 * a block at the end that says how the run ended and how to look at it.
 * - What several hooks log at one step is one line: it is written when the step changes, when the event loop is idle, at `flush` and at
 *   `close`.
 * - No line is wider than the terminal, whose width is read at each write; where it is not known, 80 (or the environment variable COLUMNS).
 *   Texts are folded between words; a step's line leaves out what does not fit.
 * - Epochs are counted from 1, and numbers are rounded.
 * - A stream that breaks never throws and never leaves an `error` event uncaught; one whose reader stops never holds more than a
 *   megabyte, and is waited for one second at most: lines are dropped and counted.
 * - Control characters in names and messages are written as `\x1b`; lines of a warning stay lines, and are indented.
 * - It shows points, text and events. Histograms, images and scatters are accepted and not shown.
 */
export class ConsoleBackend implements LoggerBackend {
  /** Always `console`: what reports and errors call it. */
  readonly name: string = "console";
  readonly #screen: Screen;
  readonly #level: number;
  readonly #metrics: MetricLines;
  #run: RunInfo | undefined;
  #control: RunControl | undefined;
  /** True until the first record: then every backend has started, and says where it writes to. */
  #isStarting = false;
  #showsSteps = true;
  #hasSaidHowToSeeAll = false;
  #end: RunEnd | null = null;
  #delivery: readonly DeliveryReport[] = [];
  #startedMs = performance.now();
  #records = 0;
  #closed = false;

  /** Writes nothing yet. Throws `ERR_CONFIG` for wrong options. */
  constructor(options: ConsoleBackendOptions = {}) {
    const { stream, color, level } = parseConfig(ConsoleBackendOptions, options, "ConsoleBackend");
    const screen = new Screen(stream, color);
    this.#screen = screen;
    this.#level = RANK[level];
    this.#metrics = new MetricLines({
      showDetail: this.#level === RANK.debug,
      showSteps: () => this.#showsSteps,
      epochText: (epoch) => this.#epochText(epoch),
      columns: () => screen.columns,
      paint: screen.paint,
      print: (lines) => this.#info(lines),
      onPart: () => this.#sayHowToSeeAll(),
    });
  }

  /** Writes what is known of the run: its name, model, data, directory; where it is logged follows with the first record. */
  start(run: RunInfo, control?: RunControl): void {
    this.#run = run;
    this.#control = control;
    this.#isStarting = true;
    this.#startedMs = performance.now();
    this.#showsSteps = this.#level === RANK.debug || !(this.#screen.output.isTTY && showsProgressBar(run.config));
    const { columns, paint } = this.#screen;
    const title = foldText(runTitle(run), columns - 2).map((line, i) => paint(COLOR.bold, i === 0 ? line : `  ${line}`));
    this.#info(["", ...title, ...itemLines(startItems(run), columns, paint)]);
  }

  /** Adds points to the line of the step or of the epoch; `system/…` joins the next line, `final/…` is shown at the end. */
  logMetrics(metrics: Metrics, step: number, at?: PointTime): void {
    if (this.#counts(RANK.info, Object.keys(metrics).length)) this.#metrics.add(metrics, step, at?.epoch);
  }

  /** Writes the text, cut at 300 characters, its line breaks as `⏎`. */
  logText(name: string, text: string, step?: number): void {
    if (!this.#counts(RANK.info)) return;
    this.#metrics.writeWhole();
    this.#info(this.#folded([this.#at(step)], `${shownText(name)}: ${shownText(text)}`));
  }

  /** Writes warnings, errors and every event that has a `message`; others at level "debug" only. "runEnd" is shown by `close`. */
  logEvent(name: string, data: Readonly<Record<string, unknown>>, step?: number): void {
    if (name === "runEnd" && isRunEnd(data)) {
      this.#counts(RANK.info);
      this.#end = data;
      return;
    }
    if (name === "warning" || name === "error") return this.#alert(name, data, step);
    if (name === "rewind" && data["toStep"] === this.#run?.resumedFromStep) return this.#debugEvent(name, data, step); // the title says it
    if (typeof data["message"] === "string") return this.logText(name, data["message"], step);
    this.#debugEvent(name, data, step);
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

  /** Writes the model's name and size, where the start of the run has not said them. */
  logGraph(description: ModelDescription): void {
    const isKnown = (this.#run?.setup?.parameterCount ?? null) !== null;
    if (!this.#counts(isKnown ? RANK.debug : RANK.info)) return;
    const { name = "", layers, parameterCount } = description;
    const parameters = parameterCount === undefined ? [] : [counted(parameterCount, "parameter")];
    this.#info(
      this.#folded([[COLOR.dim, "model"]], [shownText(name), counted(layers.length, "layer"), ...parameters].join(", ")),
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

  /** Keeps what the other backends did with their records: `close` shows what was lost. */
  logDelivery(reports: readonly DeliveryReport[]): void {
    this.#delivery = reports;
  }

  /** Writes what waits; resolves when the stream has accepted it, or after a second. */
  async flush(bounds?: Bounds): Promise<DeliveryReport[]> {
    this.#metrics.writePending();
    await this.#screen.output.drain(bounds);
    return this.#report();
  }

  /** Writes what waits, how the run ended and how to look at it. The stream stays open, without a listener of this backend. */
  async close(status: RunStatus, bounds?: Bounds): Promise<DeliveryReport[]> {
    if (this.#closed) return this.#report();
    this.#metrics.writePending();
    this.#begin();
    this.#closed = true;
    this.#writeEnd(status);
    await this.#screen.output.drain(bounds);
    await this.#screen.output.close();
    return this.#report();
  }

  /** Counts what one call records; true where this level shows it. */
  #counts(rank: number, records = 1): boolean {
    if (this.#closed) return false;
    this.#begin();
    this.#records += records;
    return this.#level <= rank;
  }

  /** What ends the block at the start. */
  #begin(): void {
    if (!this.#isStarting) return;
    this.#isStarting = false;
    const { columns, paint } = this.#screen;
    this.#info([...itemLines([loggedItem(this.#destinations(), this.name)], columns, paint), ""]);
  }

  #destinations(): readonly LogDestination[] {
    return this.#control?.destinations?.() ?? [];
  }

  #alert(kind: "warning" | "error", data: Readonly<Record<string, unknown>>, step: number | undefined): void {
    const isError = kind === "error";
    if (!this.#counts(isError ? RANK.error : RANK.warn)) return;
    this.#metrics.writeWhole();
    const text = indentedLines(eventText(data));
    this.#screen.print(this.#folded([[isError ? COLOR.red : COLOR.yellow, kind], this.#at(step)], text));
  }

  #debugEvent(name: string, data: Readonly<Record<string, unknown>>, step: number | undefined): void {
    if (this.#counts(RANK.debug)) this.#debug(name, eventText(data), step);
  }

  #debug(name: string, text: string, step?: number): void {
    this.#screen.print(this.#folded([this.#at(step)], `${shownText(name)} ${oneLine(text)}`));
  }

  #at(step: number | undefined): Prefix {
    return [COLOR.dim, Number.isFinite(step) ? `step ${step}` : ""];
  }

  /** `warning  step 3  text`, folded: further lines are indented. */
  #folded(prefixes: readonly Prefix[], text: string): string[] {
    const { columns, paint } = this.#screen;
    const shown = prefixes.filter(([, prefix]) => prefix !== "");
    const start = shown.map(([, prefix]) => `${prefix}  `).join("");
    const lines = `${start}${text}`.split("\n").flatMap((line, i) => {
      const parts = foldText(line.trimStart(), columns - 2, i === 0 ? columns : columns - 2);
      return parts.map((part, j) => (i === 0 && j === 0 ? part : `  ${part}`));
    });
    const [first = "", ...rest] = lines;
    if (!first.startsWith(start.trimEnd())) return lines;
    const painted = shown.map(([color, prefix]) => paint(color, prefix)).join("  ");
    return [`${painted}${first.slice(start.trimEnd().length)}`, ...rest];
  }

  /** As people count: the first is 1. */
  #epochText(epoch: number): string {
    const epochs = this.#run?.config.maxEpochs;
    return epochs === undefined ? String(epoch + 1) : `${String(epoch + 1).padStart(String(epochs).length)}/${epochs}`;
  }

  #info(lines: readonly string[]): void {
    if (this.#level <= RANK.info) this.#screen.print(lines);
  }

  #sayHowToSeeAll(): void {
    if (this.#hasSaidHowToSeeAll) return;
    this.#hasSaidHowToSeeAll = true;
    const { columns, paint } = this.#screen;
    this.#info(foldText(HOW_TO_SEE_ALL, columns - 2).map((line) => paint(COLOR.dim, `  ${line}`)));
  }

  #writeEnd(status: RunStatus): void {
    if (this.#run === undefined) return;
    const ending: Ending = {
      run: this.#run,
      status,
      seconds: (performance.now() - this.#startedMs) / 1000,
      end: this.#end,
      final: this.#metrics.final,
      delivery: this.#delivery,
      destinations: this.#destinations(),
    };
    const { columns, paint } = this.#screen;
    const [first = "", ...rest] = foldText(endTitle(ending), columns - 2, columns);
    const title = `${paint(STATUS_COLORS[status], first.slice(0, status.length))}${first.slice(status.length)}`;
    this.#info(["", title, ...rest.map((line) => `  ${line}`), ...itemLines(endItems(ending), columns, paint)]);
  }

  #report(): DeliveryReport[] {
    const { error, dropped } = this.#screen.output;
    const report = { backend: this.name, delivered: Math.max(0, this.#records - dropped), pending: 0, refused: 0, dropped };
    return [error === undefined ? report : { ...report, error }];
  }
}

/** A color and the text that has it. */
type Prefix = readonly [number, string];
