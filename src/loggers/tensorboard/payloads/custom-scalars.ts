import { ProtoWriter } from "../files/protobuf.js";
import { DataClass, pluginValue, stringTensor } from "./value.js";

/** Three tags that make one line with a band around it. */
export interface MarginSeries {
  value: string;
  lower: string;
  upper: string;
}

/** A chart of scalars: every tag that one of the regular expressions matches, or lines with bands. */
export type ScalarChart = { title: string } & ({ tags: readonly string[] } | { margins: readonly MarginSeries[] });

export interface ChartCategory {
  title: string;
  charts: readonly ScalarChart[];
  /** Shown folded up. Default false. */
  closed?: boolean | undefined;
}

export interface CustomScalarsLayout {
  categories: readonly ChartCategory[];
}

const TAG = "custom_scalars__config__";

/** What the custom-scalars tab shows, for all runs of a log directory. */
export function customScalarsValue(layout: CustomScalarsLayout): Uint8Array<ArrayBuffer> {
  const bytes = new ProtoWriter();
  for (const category of layout.categories) bytes.message(2, (writer) => putCategory(writer, category));
  const tensor = stringTensor([], [bytes.finish()]);
  return pluginValue({ tag: TAG, plugin: "custom_scalars", dataClass: DataClass.tensor, tensor });
}

function putCategory(writer: ProtoWriter, { title, charts, closed = false }: ChartCategory): void {
  writer.string(1, title);
  for (const chart of charts) writer.message(2, (inner) => putChart(inner, chart));
  if (closed) writer.varint(3, true);
}

function putChart(writer: ProtoWriter, chart: ScalarChart): void {
  writer.string(1, chart.title);
  if ("tags" in chart) {
    writer.message(2, (lines) => {
      for (const tag of chart.tags) lines.string(1, tag);
    });
    return;
  }
  writer.message(3, (bands) => {
    for (const { value, lower, upper } of chart.margins) {
      bands.message(1, (series) => series.string(1, value).string(2, lower).string(3, upper));
    }
  });
}
