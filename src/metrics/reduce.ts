import type { AggregationStrategy, Bounds, ProcessGroup } from "../contract/index.js";
import { messageOf, TrainscopeError } from "../support/errors.js";
import { isPromise } from "../support/promises.js";
import type { Accumulators } from "./accumulators.js";

/** What one rank sends as JSON. Behind it come its `cells`: batches, samples, then (value, weight) by metric and loader. */
interface RankSums {
  loaders: readonly string[];
  columns: readonly (readonly [name: string, aggregation: AggregationStrategy])[];
  failed: string | null;
}
interface Received extends RankSums {
  cells: Float64Array;
}

/**
 * Fills `into` with the sums over all ranks; `prepare` runs first. A promise where the group or `prepare` makes one.
 * - One `gather` carries names and sums, so that a rank that differs is found by all of them before anyone waits again.
 * - Every rank adds in rank order: the result has the same bits on each.
 * - A rank whose `prepare` fails sends that instead of its sums; the others throw `ERR_RANKS` with its message.
 */
export function reduceAccumulators(
  group: ProcessGroup,
  bounds: Bounds | undefined,
  loaders: readonly string[],
  own: Accumulators,
  into: Accumulators,
  prepare: () => void | Promise<void>,
): void | Promise<void> {
  let preparing: void | Promise<void>;
  try {
    preparing = prepare();
  } catch (error) {
    return sendFailure(group, bounds, loaders, error);
  }
  const reduce = (): void | Promise<void> => exchange(group, bounds, loaders, own, into);
  if (preparing === undefined) return reduce();
  return preparing.then(reduce, (error: unknown) => sendFailure(group, bounds, loaders, error));
}

function exchange(
  group: ProcessGroup,
  bounds: Bounds | undefined,
  loaders: readonly string[],
  own: Accumulators,
  into: Accumulators,
): void | Promise<void> {
  if (group.worldSize === 1) return into.join(own);
  const gathered = group.gather(encode(loaders, own), bounds);
  if (isPromise(gathered)) return gathered.then((all) => joinAll(all as Uint8Array[], into));
  joinAll(gathered as Uint8Array[], into);
}

async function sendFailure(
  group: ProcessGroup,
  bounds: Bounds | undefined,
  loaders: readonly string[],
  error: unknown,
): Promise<void> {
  if (group.worldSize > 1) {
    const note: RankSums = { loaders, columns: [], failed: messageOf(error) };
    try {
      await group.gather(pack(note, new Float64Array(0)), bounds);
    } catch {
      // the error of this rank is the one to throw
    }
  }
  throw error;
}

function joinAll(all: readonly Uint8Array[], into: Accumulators): void {
  const ranks = all.map(unpack);
  refuseFailed(ranks);
  refuseOtherLoaders(ranks);
  refuseOtherMetrics(ranks);
  for (const received of ranks) into.join(accumulatorsOf(received, into.emptyCopy()));
}

function refuseFailed(ranks: readonly Received[]): void {
  const failed = ranks.findIndex((rank) => rank.failed !== null);
  if (failed >= 0) throw new TrainscopeError("ERR_RANKS", `Rank ${failed} could not give its metrics: ${ranks[failed]?.failed}`);
}

function refuseOtherLoaders(ranks: readonly Received[]): void {
  const first = (ranks[0] as Received).loaders;
  const other = ranks.findIndex((rank) => rank.loaders.join("\n") !== first.join("\n"));
  if (other < 0) return;
  throw new TrainscopeError(
    "ERR_RANKS",
    `The ranks have different loaders: rank 0 has ${first.join(", ")}; rank ${other} has ${ranks[other]?.loaders.join(", ")}.`,
  );
}

/** Ranks that saw batches of one loader must have the same metrics for it; a rank that saw none is not compared. */
function refuseOtherMetrics(ranks: readonly Received[]): void {
  (ranks[0] as Received).loaders.forEach((loader, loaderIdx) => {
    let first = -1;
    let expected: string[] = [];
    ranks.forEach((received, rank) => {
      if (received.cells[loaderIdx] === 0) return;
      const names = metricsSeen(received, loaderIdx);
      if (first < 0) {
        first = rank;
        expected = names;
      } else if (names.join("\n") !== expected.join("\n")) {
        throw new TrainscopeError("ERR_RANKS", difference(loader, first, expected, rank, names));
      }
    });
  });
}

function difference(loader: string, rankA: number, a: readonly string[], rankB: number, b: readonly string[]): string {
  const only = (mine: readonly string[], theirs: readonly string[]): string =>
    mine.filter((name) => !theirs.includes(name)).join(", ") || "nothing";
  return (
    `The ranks have different metrics for loader "${loader}".\n` +
    `Only on rank ${rankA}: ${only(a, b)}. Only on rank ${rankB}: ${only(b, a)}.\n` +
    `Rank ${rankA}: ${a.join(", ")}. Rank ${rankB}: ${b.join(", ")}.\nReport the same names and aggregations on every rank.`
  );
}

/** The metrics a rank has of one loader, with their rule where it is not the usual one, sorted. */
function metricsSeen(received: Received, loaderIdx: number): string[] {
  const { columns, loaders, cells } = received;
  const seen: string[] = [];
  columns.forEach(([name, aggregation], column) => {
    if (cells[cellOf(loaders.length, column, loaderIdx) + 1] === 0) return;
    seen.push(aggregation === "weightedAverage" ? name : `${name} (${aggregation})`);
  });
  return seen.sort();
}

function cellOf(loaders: number, column: number, loaderIdx: number): number {
  return 2 * loaders + 2 * (column * loaders + loaderIdx);
}

/** Puts what a rank sent into `sums`, which are empty. */
function accumulatorsOf({ loaders, columns, cells }: Received, sums: Accumulators): Accumulators {
  sums.batches.set(cells.subarray(0, loaders.length));
  sums.samples.set(cells.subarray(loaders.length, 2 * loaders.length));
  columns.forEach(([name, aggregation], column) => {
    const index = sums.column(name, aggregation);
    loaders.forEach((_, loaderIdx) => {
      const at = cellOf(loaders.length, column, loaderIdx);
      if (cells[at + 1] !== 0) sums.put(index, loaderIdx, cells[at] as number, cells[at + 1] as number);
    });
  });
  return sums;
}

function encode(loaders: readonly string[], sums: Accumulators): Uint8Array {
  const cells = new Float64Array(cellOf(loaders.length, sums.columns.length, 0));
  cells.set(sums.batches, 0);
  cells.set(sums.samples, loaders.length);
  sums.columns.forEach((_, column) => {
    loaders.forEach((_, loaderIdx) => {
      const at = cellOf(loaders.length, column, loaderIdx);
      cells[at] = sums.value(column, loaderIdx);
      cells[at + 1] = sums.weight(column, loaderIdx);
    });
  });
  return pack(
    { loaders, columns: sums.columns.map(({ name, aggregation }) => [name, aggregation] as const), failed: null },
    cells,
  );
}

/** The header's length in bytes (32 bits, little endian), the header as JSON, the cells as they are in memory. */
function pack(header: RankSums, cells: Float64Array): Uint8Array {
  const text = new TextEncoder().encode(JSON.stringify(header));
  const bytes = new Uint8Array(4 + text.length + cells.byteLength);
  new DataView(bytes.buffer).setUint32(0, text.length, true);
  bytes.set(text, 4);
  bytes.set(new Uint8Array(cells.buffer, cells.byteOffset, cells.byteLength), 4 + text.length);
  return bytes;
}

function unpack(bytes: Uint8Array): Received {
  const length = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + length))) as RankSums;
  return { ...header, cells: new Float64Array(bytes.slice(4 + length).buffer) };
}
