import { durationText, numberText, rateText } from "../../support/number-text.js";
import { printable } from "../../support/printable.js";

/** How a metric appears in a step's line. */
export interface Column {
  label: string;
  /** Columns are in this order, then in that of their first appearance. */
  group: number;
  format: (value: number) => string;
  /** Shown only where there is room for detail. */
  detail: boolean;
}

const percent = (value: number): string => `${numberText(Math.round(value))}%`;
const perSecond =
  (unit: string) =>
  (value: number): string =>
    `${rateText(value)} ${unit}/s`;

const KNOWN: ReadonlyMap<string, Column> = new Map(
  Object.entries({
    "train/learning_rate": { label: "lr", group: 3, format: numberText, detail: false },
    "throughput/samples_per_second": { label: "", group: 4, format: perSecond("samples"), detail: false },
    "throughput/tokens_per_second": { label: "", group: 4, format: perSecond("tokens"), detail: false },
    "train/batch_time_seconds": { label: "batch", group: 5, format: durationText, detail: false },
    "system/cpu_percent": { label: "cpu", group: 6, format: percent, detail: false },
    "system/memory_percent": { label: "mem", group: 6, format: percent, detail: false },
    "system/gpu_utilization_percent": { label: "gpu", group: 6, format: percent, detail: false },
  }),
);

const DETAIL = /^(?:system|throughput|gradients?|weights|optimizer|loader_proportions)\//;

/** The last step's loss. */
export const LOSS = "train/loss_step";

/** Names the loader of the last step, where the loss of that loader is that of the step. */
export const LOADER_COLUMN: Column = { label: "on", group: 0, format: String, detail: false };

/** The loader whose last loss `name` is, or null. */
export function loaderOf(name: string): string | null {
  const loader = /^train\/(.+)\/loss_step$/.exec(name)?.[1];
  return loader === undefined ? null : printable(loader);
}

/** The column of a step metric. */
export function columnOf(metric: string): Column {
  const known = KNOWN.get(metric);
  if (known !== undefined) return known;
  const name = printable(metric);
  if (name.startsWith("final/")) return finalColumn(name.slice("final/".length));
  const step = /^train\/(.+)_step$/.exec(name)?.[1];
  if (step === "loss") return { label: "loss", group: 0, format: numberText, detail: false };
  if (step !== undefined) return { label: step, group: step.includes("/") ? 2 : 1, format: numberText, detail: false };
  return { label: name, group: 7, format: name.endsWith("_seconds") ? durationText : numberText, detail: DETAIL.test(name) };
}

/** Only the best values over all loaders: counts are in the result, loaders in the last table. */
function finalColumn(name: string): Column {
  return {
    label: name.replaceAll("_", " "),
    group: 7,
    format: numberText,
    detail: !name.startsWith("best_") || name.includes("/"),
  };
}
