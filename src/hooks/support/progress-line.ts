import type { Metrics } from "../../contract/index.js";
import { clockText, numberText, rateText } from "../../support/number-text.js";
import { printable } from "../../support/printable.js";

/** What one line of progress shows. */
export interface Progress {
  epoch: number;
  epochs: number | null;
  batch: number;
  batches: number | null;
  /** Of the whole run, or of this epoch where the run's length is not known; 0 to 1. */
  share: number | null;
  samplesPerSecond: number | null;
  etaSeconds: number | null;
  metrics: Metrics;
}

const BAR_CELLS = 20;

/** `epoch 2/5 [=====>      ] 120/400 · 12.3k samples/s · eta 1:05 · loss 0.1234`, cut to `columns`; no bar without one. */
export function progressLine(progress: Progress, columns: number | null): string {
  const { epoch, epochs, batch, batches, share, samplesPerSecond, etaSeconds, metrics } = progress;
  const counts = batches === null ? `batch ${batch}` : `${batch}/${batches}`;
  const head = [`epoch ${epoch + 1}${epochs === null ? "" : `/${epochs}`}`];
  if (columns !== null && batches !== null) head.push(bar(batch / Math.max(1, batches)));
  head.push(counts);
  if (columns === null && share !== null) head.push(`(${Math.floor(share * 100)} %)`);
  const parts = [head.join(" ")];
  if (samplesPerSecond !== null) parts.push(`${rateText(samplesPerSecond)} samples/s`);
  if (etaSeconds !== null) parts.push(`eta ${clockText(etaSeconds)}`);
  for (const name in metrics) parts.push(`${printable(name)} ${numberText(metrics[name] ?? NaN)}`);
  const line = parts.join(" · ");
  // One column stays free: a full line would wrap on some terminals and could not be redrawn.
  return columns === null || line.length < columns ? line : `${line.slice(0, Math.max(0, columns - 2))}…`;
}

function bar(share: number): string {
  const cells = Math.round(Math.min(1, Math.max(0, share)) * BAR_CELLS);
  const filled = cells === 0 ? "" : cells === BAR_CELLS ? "=".repeat(cells) : `${"=".repeat(cells - 1)}>`;
  return `[${filled.padEnd(BAR_CELLS)}]`;
}
