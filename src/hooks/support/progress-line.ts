import type { Metrics } from "../../contract/index.js";

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
  if (samplesPerSecond !== null) parts.push(`${compact(samplesPerSecond)} samples/s`);
  if (etaSeconds !== null) parts.push(`eta ${duration(etaSeconds)}`);
  for (const name in metrics) parts.push(`${name} ${number(metrics[name] ?? NaN)}`);
  const line = parts.join(" · ");
  // One column stays free: a full line would wrap on some terminals and could not be redrawn.
  return columns === null || line.length < columns ? line : `${line.slice(0, Math.max(0, columns - 2))}…`;
}

function bar(share: number): string {
  const cells = Math.round(Math.min(1, Math.max(0, share)) * BAR_CELLS);
  const filled = cells === 0 ? "" : cells === BAR_CELLS ? "=".repeat(cells) : `${"=".repeat(cells - 1)}>`;
  return `[${filled.padEnd(BAR_CELLS)}]`;
}

/** Four significant digits, without trailing zeros. */
export function number(value: number): string {
  return Number.isFinite(value) ? String(Number(value.toPrecision(4))) : String(value);
}

/** `950`, `12.3k`, `4.56M`. */
export function compact(value: number): string {
  if (value >= 999_500) return `${Number((value / 1e6).toPrecision(3))}M`;
  return value >= 999.5 ? `${Number((value / 1e3).toPrecision(3))}k` : String(Number(value.toPrecision(3)));
}

/** `0:07`, `12:30`, `3:04:05`. */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, String(whole % 60).padStart(2, "0")];
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, "0")}:${rest}` : `${minutes}:${rest}`;
}
