import { ProtoWriter } from "../files/protobuf.js";
import { keysOf, requireKnownKeys } from "./known-keys.js";
import { DataClass, pluginValue, stringTensor } from "./value.js";

/** Three scalar tags that make one line with a band around it. */
export interface MarginSeries {
  /** The tag of the scalar that is the line. */
  value: string;
  /** The tag of the band's lower edge. */
  lower: string;
  /** The tag of the band's upper edge. */
  upper: string;
}

/** One chart: lines of scalars (`tags`), or lines with bands (`margins`). */
export type ScalarChart = {
  /** The heading above the lines of the chart. */
  title: string;
} & (
  | {
      /** Regular expressions: a tag that one of them matches is a line, in each run. */
      tags: readonly string[];
    }
  | {
      /** A line with its band, each. */
      margins: readonly MarginSeries[];
    }
);

/** A group of charts below a heading, which can be collapsed. */
export interface ChartCategory {
  /** The heading above the charts of the group. */
  title: string;
  /** Its charts, in their order on the page. */
  charts: readonly ScalarChart[];
  /** Shows the group collapsed until it is clicked. @default false */
  closed?: boolean | undefined;
}

/** The tab Custom Scalars, for all runs of a log directory. Format: TensorBoard's `custom_scalar/layout.proto`. */
export interface CustomScalarsLayout {
  /** The groups of charts, in their order on the page. */
  categories: readonly ChartCategory[];
}

const TAG = "custom_scalars__config__";
const LAYOUT_KEYS = keysOf<CustomScalarsLayout>({ categories: true });
const CATEGORY_KEYS = keysOf<ChartCategory>({ title: true, charts: true, closed: true });
const CHART_KEYS: readonly string[] = ["title", "tags", "margins"];
const MARGIN_KEYS = keysOf<MarginSeries>({ value: true, lower: true, upper: true });

/** The layout as a Summary.Value. Throws `ERR_METRIC_VALUE` for a key that the layout does not have. */
export function customScalarsValue(layout: CustomScalarsLayout): Uint8Array<ArrayBuffer> {
  requireKnownKeys("The layout", layout, LAYOUT_KEYS);
  const bytes = new ProtoWriter();
  for (const category of layout.categories) bytes.message(2, (writer) => putCategory(writer, category));
  const tensor = stringTensor([], [bytes.finish()]);
  return pluginValue({ tag: TAG, plugin: "custom_scalars", dataClass: DataClass.tensor, tensor });
}

function putCategory(writer: ProtoWriter, category: ChartCategory): void {
  requireKnownKeys("A category of the layout", category, CATEGORY_KEYS);
  const { title, charts, closed = false } = category;
  writer.string(1, title);
  for (const chart of charts) writer.message(2, (inner) => putChart(inner, chart));
  if (closed) writer.varint(3, true);
}

function putChart(writer: ProtoWriter, chart: ScalarChart): void {
  requireKnownKeys("A chart of the layout", chart, CHART_KEYS);
  writer.string(1, chart.title);
  if ("tags" in chart) {
    writer.message(2, (lines) => {
      for (const tag of chart.tags) lines.string(1, tag);
    });
    return;
  }
  writer.message(3, (bands) => {
    for (const margin of chart.margins) putMargin(bands, margin);
  });
}

function putMargin(writer: ProtoWriter, margin: MarginSeries): void {
  requireKnownKeys("A margin of the layout", margin, MARGIN_KEYS);
  writer.message(1, (series) => series.string(1, margin.value).string(2, margin.lower).string(3, margin.upper));
}
