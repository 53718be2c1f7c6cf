/** How a metric appears in a step's line, decided once for each name. */
import { compact, duration, rate } from "./format.js";

export interface Column {
  label: string;
  /** Columns stand in this order, then in that of their first appearance. */
  group: number;
  format: (value: number) => string;
  /** Shown only where there is room for detail. */
  detail: boolean;
}

const percent = (value: number): string => `${compact(Math.round(value))}%`;
const perSecond =
  (unit: string) =>
  (value: number): string =>
    `${rate(value)} ${unit}/s`;

const KNOWN: Readonly<Record<string, Column>> = {
  "train/learning_rate": { label: "lr", group: 3, format: compact, detail: false },
  "throughput/samples_per_second": { label: "", group: 4, format: perSecond("samples"), detail: false },
  "throughput/tokens_per_second": { label: "", group: 4, format: perSecond("tokens"), detail: false },
  "train/batch_time_seconds": { label: "batch", group: 5, format: duration, detail: false },
  "system/cpu_percent": { label: "cpu", group: 6, format: percent, detail: false },
  "system/memory_percent": { label: "mem", group: 6, format: percent, detail: false },
  "system/gpu_utilization_percent": { label: "gpu", group: 6, format: percent, detail: false },
};

const DETAIL = /^(?:system|throughput|gradients?|weights|optimizer|loader_proportions)\//;

/** The column of a step metric. */
export function columnOf(name: string): Column {
  const known = KNOWN[name];
  if (known !== undefined) return known;
  const step = /^train\/(.+)_step$/.exec(name)?.[1];
  if (step === "loss") return { label: "loss", group: 0, format: compact, detail: false };
  if (step !== undefined) return { label: step, group: step.includes("/") ? 2 : 1, format: compact, detail: false };
  return { label: name, group: 7, format: name.endsWith("_seconds") ? duration : compact, detail: DETAIL.test(name) };
}
