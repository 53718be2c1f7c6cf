import type { Metrics } from "../../contract/index.js";
import { clockText, numberText, rateText } from "../../support/number-text.js";
import { printable } from "../../support/printable.js";
import { cutToWidth, textWidth } from "../../support/text-width.js";

/** What one line of progress shows. */
export interface Progress {
  epoch: number;
  epochs: number | null;
  /** Of the epoch's training, or of its validation. */
  batch: number;
  batches: number | null;
  isValidation?: boolean;
  /** Of the whole run, 0 to 1; null where its length is not known. */
  share: number | null;
  samplesPerSecond: number | null;
  etaSeconds: number | null;
  /** True where `etaSeconds` is that of the epoch, because the length of the run is not known. */
  isEtaOfEpoch?: boolean;
  metrics: Metrics;
}

const BAR_CELLS = 20;
const SHORT_BAR_CELLS = 8;

/** How much of a line is shown: the least important part is left out first, the time that is left last. */
interface Shown {
  bar: number;
  /** How many metrics; the loss is the first. */
  metrics: number;
  rate: boolean;
  share: boolean;
  counts: boolean;
}

/**
 * `epoch 2/5 [=====>      ] 120/400 · eta 1:05 · 12.3k samples/s · loss 0.1234` in less than `columns`: parts that do not fit are left out,
 * first metrics, then the rate, the bar, the counts, at last the time left. Null: a plain line without a bar, of any length.
 */
export function progressLine(progress: Progress, columns: number | null): string {
  const all = Object.keys(progress.metrics).length;
  if (columns === null) return lineOf(progress, { bar: 0, metrics: all, rate: true, share: true, counts: true });
  const room = Math.max(1, columns - 1); // a full line would wrap on some terminals and could not be redrawn
  for (const shown of choices(all)) {
    const line = lineOf(progress, shown);
    if (textWidth(line) <= room) return line;
  }
  const epoch = epochText(progress);
  const eta = etaText(progress);
  const shortest = [eta === null ? epoch : `${epoch} · ${eta}`, eta ?? epoch];
  return cutToWidth(shortest.find((line) => textWidth(line) <= room) ?? shortest[1] ?? "", room);
}

/** From the whole line to the one with the least. */
function* choices(metrics: number): Generator<Shown> {
  const whole: Shown = { bar: BAR_CELLS, metrics, rate: true, share: false, counts: true };
  for (let left = metrics; left > 1; left--) yield { ...whole, metrics: left };
  for (const bar of [BAR_CELLS, SHORT_BAR_CELLS]) yield { ...whole, metrics: Math.min(1, metrics), bar };
  for (const rate of [true, false]) yield { ...whole, metrics: 0, bar: SHORT_BAR_CELLS, rate };
  yield { ...whole, metrics: 0, bar: 0, rate: false };
}

function lineOf(progress: Progress, { bar, metrics, rate, share, counts }: Shown): string {
  const { batch, batches, samplesPerSecond } = progress;
  const head = [epochText(progress)];
  if (bar > 0 && batches !== null) head.push(barText(batch / Math.max(1, batches), bar));
  if (counts && bar > 0) head.push(batches === null ? `batch ${batch}` : `${batch}/${batches}`);
  const parts = [head.join(" ")];
  if (counts && bar === 0) parts.push(batches === null ? `batch ${batch}` : `batch ${batch}/${batches}`);
  if (share && progress.share !== null) parts.push(`${Math.floor(progress.share * 100)} % of the run`);
  const eta = etaText(progress);
  if (eta !== null) parts.push(eta);
  if (rate && samplesPerSecond !== null) parts.push(`${rateText(samplesPerSecond)} samples/s`);
  for (const [name, value] of Object.entries(progress.metrics).slice(0, metrics))
    parts.push(`${printable(name)} ${numberText(value)}`);
  return parts.join(" · ");
}

function epochText({ epoch, epochs, isValidation }: Progress): string {
  return `epoch ${epoch + 1}${epochs === null ? "" : `/${epochs}`}${isValidation === true ? " validating" : ""}`;
}

function etaText({ etaSeconds, isEtaOfEpoch }: Progress): string | null {
  return etaSeconds === null ? null : `${isEtaOfEpoch === true ? "epoch eta" : "eta"} ${clockText(etaSeconds)}`;
}

function barText(share: number, size: number): string {
  const cells = Math.round(Math.min(1, Math.max(0, share)) * size);
  const filled = cells === 0 ? "" : cells === size ? "=".repeat(cells) : `${"=".repeat(cells - 1)}>`;
  return `[${filled.padEnd(size)}]`;
}
