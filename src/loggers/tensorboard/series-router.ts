import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { Metrics, RunIdentity, TensorBoardLayout } from "../../contract/index.js";
import { isSameRun, readOwner } from "../../support/run-identity.js";
import { recordProblem } from "../composite/record-problems.js";
import { placeOf, SPLIT_DIRECTORIES } from "./layout.js";
import type { SummaryWriter } from "./summary-writer.js";

/** Series whose places are kept; then all are discarded, and computed again where they are used again. */
const MAX_SERIES = 20_000;

/** The writer and the tag of a series, computed once. */
interface Series {
  writer: SummaryWriter;
  tag: string;
}

/** Writes each series to the TensorBoard run that the layout assigns to it: `writer` or one of its children. */
export class SeriesRouter {
  readonly #writer: SummaryWriter;
  readonly #layout: TensorBoardLayout;
  readonly #series = new Map<string, Series>();

  constructor(writer: SummaryWriter, layout: TensorBoardLayout) {
    this.#writer = writer;
    this.#layout = layout;
  }

  /** Writes one event to each run that has values in the record. */
  log(metrics: Metrics, step: number, wallTime: number | undefined): void {
    if (recordProblem("metrics", metrics) !== null) return this.#writer.addScalars(metrics, step, wallTime);
    const records = new Map<SummaryWriter, Record<string, number>>();
    for (const name in metrics) {
      const { writer, tag } = this.#series.get(name) ?? this.#add(name);
      const record = records.get(writer) ?? (Object.create(null) as Record<string, number>);
      record[tag] = metrics[name] as number;
      records.set(writer, record);
    }
    for (const [writer, record] of records) writer.addScalars(record, step, wallTime);
  }

  /** Opens the children that earlier attempts of `run` wrote, so that the steps of a resumed run are removed there too. */
  openExisting(run: RunIdentity): void {
    const { dir } = this.#writer;
    const namesBelow = (name: string): string[] => {
      const directories = readdirSync(join(dir, name), { withFileTypes: true }).filter((entry) => entry.isDirectory());
      return [name, ...directories.flatMap((entry) => namesBelow(`${name}/${entry.name}`))];
    };
    const existing = SPLIT_DIRECTORIES.filter((split) => existsSync(join(dir, split)));
    const isOwn = (name: string): boolean => {
      const owner = readOwner(join(dir, name));
      return owner === null || isSameRun(owner, run);
    };
    for (const name of existing.flatMap(namesBelow).filter(isOwn)) this.#writer.child(name);
  }

  #add(name: string): Series {
    const { child, tag } = placeOf(name, this.#layout);
    const series = { writer: child === null ? this.#writer : this.#writer.child(child), tag };
    if (this.#series.size >= MAX_SERIES) this.#series.clear();
    this.#series.set(name, series);
    return series;
  }
}
