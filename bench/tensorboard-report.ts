/** The tables of the TensorBoard benchmark. */
import { overheadOf } from "./lib/pairs.js";
import { judged, type Table } from "./lib/report.js";
import { median, range } from "./lib/statistics.js";
import type { CallTimes, Round } from "./tensorboard-work.js";
import { AT_ONCE, ITEMS, PEER_COUNTS, STEPS, TRAINER_STEPS } from "./tensorboard-work.js";

type Part = (round: Round) => number;

interface Goal {
  atMost?: number;
  atLeast?: number;
}

/** The measurements that have goals, and related ones. */
export function goals(rounds: readonly Round[]): Table {
  const row = (title: string, part: Part, digits: number, goal: Goal = {}): string[] =>
    goalRow(title, rounds.map(part), digits, goal);
  const rows = [
    row("`addScalar`, whole: millions a second", ({ addScalar }) => 1 / addScalar.whole, 2),
    row("`addScalar`, whole: times as fast as tensorboardX", ({ addScalar, peer }) => peer.scalars.whole / addScalar.whole, 0, {
      atLeast: 150,
    }),
    row("`addScalar`, whole: % of the speed of a bare write", ({ addScalar: { raw, whole } }) => (100 * raw) / whole, 1, {
      atLeast: 55,
    }),
    row(
      "`addScalar`, whole: the same, an fsync on both sides",
      ({ addScalar: { rawSynced, wholeSynced } }) => (100 * rawSynced) / wholeSynced,
      1,
    ),
    row("`addScalar`: µs on the caller", ({ addScalar }) => addScalar.caller, 3, { atMost: 0.4 }),
    row("`logMetrics` of five through `TensorBoardBackend`: µs on the caller", ({ logMetrics }) => logMetrics.caller, 2, {
      atMost: 1,
    }),
    trainerRow(rounds),
    row("histogram of 100,000: µs on the caller", ({ histogram }) => histogram.atOnce.caller, 0, { atMost: 60 }),
    row(
      "histogram of 100,000, whole: times as fast as tensorboardX",
      ({ histogram, peer }) => peer.histogram.whole / histogram.atOnce.whole,
      1,
      { atLeast: 15 },
    ),
    row("image of 256 × 256 × 3: µs on the caller", ({ image }) => image.atOnce.caller, 0, { atMost: 100 }),
    row(
      "image of 256 × 256 × 3, whole: times as fast as tensorboardX",
      ({ image, peer }) => peer.image.whole / image.atOnce.whole,
      1,
      { atLeast: 2.5 },
    ),
    row("memory: MB that the process grew after the first tenth of 10,000,000 scalars", growth, 1, { atMost: 16 }),
  ];
  return { head: ["TensorBoard", "median", "of all rounds", "goal"], rows };
}

function goalRow(title: string, values: readonly number[], digits: number, { atMost, atLeast }: Goal): string[] {
  const middle = median(values);
  const spread = range(values, digits);
  const goal = atMost !== undefined ? `≤ ${atMost}` : atLeast !== undefined ? `≥ ${atLeast}` : "";
  if (Number.isNaN(middle)) return [title, "–", "–", goal];
  if (atMost !== undefined) return [title, judged(middle, atMost, digits), spread, goal];
  return [title, atLeast === undefined ? middle.toFixed(digits) : judgedAtLeast(middle, atLeast, digits), spread, goal];
}

/** `21.0 ✓` at or above the limit, `14.2 ✗` below it. */
function judgedAtLeast(value: number, limit: number, digits: number): string {
  return `${value.toFixed(digits)} ${value >= limit ? "✓" : "✗"}`;
}

function trainerRow(rounds: readonly Round[]): string[] {
  const limit = 2;
  const bares = rounds.map(({ bare }) => bare);
  const { wall, spread } = overheadOf(
    bares,
    rounds.map(({ trainer }) => trainer),
    2,
  );
  return ["trainer, a hook that logs three each step: µs over the bare loop", judged(wall, limit), spread, `≤ ${limit}`];
}

function growth({ memory }: Round): number {
  return Math.max(...memory.resident) - (memory.resident[0] ?? Number.NaN);
}

/** The time per item. */
export function microseconds(rounds: readonly Round[]): Table {
  const digits = (value: number): string => (Number.isNaN(value) ? "–" : value.toFixed(value < 10 ? 2 : 0));
  const of = (part: Part): string => digits(median(rounds.map(part)));
  const row = (title: string, times: (round: Round) => CallTimes): string[] => [
    title,
    of((round) => times(round).caller),
    of((round) => times(round).whole),
  ];
  const rows = [
    row("a scalar: tensorboardX `add_scalar`", ({ peer }) => peer.scalars),
    row("a scalar: trainscope `addScalar`", ({ addScalar }) => addScalar),
    row("a scalar: trainscope `addScalars`, five a call", ({ addScalars }) => addScalars),
    ["a scalar: its bytes, written bare", "–", median(rounds.map(({ addScalar }) => addScalar.raw)).toFixed(2)],
    row("a histogram: tensorboardX `add_histogram`", ({ peer }) => peer.histogram),
    row("a histogram: trainscope, one after the other", ({ histogram }) => histogram.answered),
    row(`a histogram: trainscope, ${AT_ONCE} at once`, ({ histogram }) => histogram.atOnce),
    row("an image: tensorboardX `add_image`", ({ peer }) => peer.image),
    row("an image: trainscope, one after the other", ({ image }) => image.answered),
    row(`an image: trainscope, ${AT_ONCE} at once`, ({ image }) => image.atOnce),
  ];
  return { head: ["µs", "caller", "whole"], rows };
}

/** The memory of the process while one writer logs. */
export function memoryTable(rounds: readonly Round[]): Table {
  const marks = rounds[0]?.memory.scalars ?? [];
  const of = (part: "resident" | "peak" | "heap"): string[] =>
    marks.map((_, mark) => median(rounds.map(({ memory }) => memory[part][mark] ?? Number.NaN)).toFixed(1));
  const head = ["MB after so many scalars", ...marks.map((mark) => mark.toLocaleString("en"))];
  const rows = [
    ["resident", ...of("resident")],
    ["resident at most so far", ...of("peak")],
    ["heap and external", ...of("heap")],
  ];
  return { head, rows };
}

/** The measurement method, as notes below the tables. */
export function notes(rounds: readonly Round[]): string[] {
  const middle = (part: Part, digits: number): string => median(rounds.map(part)).toFixed(digits);
  const written = rounds[0]?.memory.scalars.at(-1) ?? 0;
  const count = (value: number): string => value.toLocaleString("en");
  return [
    `Medians of ${rounds.length} rounds; in each, every line is measured once, in a fresh process, ours and tensorboardX's alternately; ratios are computed within a round. Whole: from a new writer, or the first call, until it is closed. Files are on the repository's disk.`,
    `Scalars: five tags a step, the second of two runs; ${count(STEPS)} steps, of tensorboardX, whose calls take so much longer, ${count(PEER_COUNTS.scalars)} after a tenth as many, compared per scalar. The bare write copies the bytes of our file into a new one, 256 KiB at a time, in the same process; they alternate in which comes first. Without an fsync it is only a copy to the page cache; with one, both wait for the disk.`,
    `Trainer: ${count(TRAINER_STEPS)} steps after as many, the loop and model of the first table. Measured earlier, in separate runs, for a callback that logs three scalars each step to TensorBoard: ignite 180 µs, torchtnt 389, Hugging Face's Trainer 743, Lightning 1599.`,
    `Histograms and images: ${ITEMS} of ours, ${PEER_COUNTS.histogram} of tensorboardX, through a warmed-up writer. Ours are encoded in the writer's thread, which takes ${middle(({ histogram }) => histogram.firstMs, 0)} ms to start and encode the first one. The caller's time is the median of the calls; the goals are for ${AT_ONCE} calls in one turn of the event loop, as for the weights of a model; the next 50 wait until these are written. Both get the same numbers and pixels (a gradient, a patch of noise), and use their default buckets.`,
    "tensorboardX is installed by pip, with its checksums in Python. numpy uses one thread: on a busy machine two would wait for each other.",
    `Memory: ${count(written)} scalars through one writer, after a garbage collection at each mark.`,
  ];
}
