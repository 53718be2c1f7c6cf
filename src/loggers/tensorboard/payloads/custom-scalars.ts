import { TrainscopeError } from "../../../support/errors.js";
import { aFlag, aText, checkedOptions, optional, required, type OptionRules } from "../../../support/option-keys.js";
import { ProtoWriter } from "../files/protobuf.js";
import { CUSTOM_SCALARS_TAG } from "../files/tags.js";
import { aList, aListOfTexts } from "./option-checks.js";
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

/** A chart as it is checked: one of the two is given. */
interface AnyChart {
  title: string;
  tags?: readonly string[] | undefined;
  margins?: readonly MarginSeries[] | undefined;
}

const LAYOUT: OptionRules<CustomScalarsLayout, CustomScalarsLayout> = { categories: required(aList) };
const CATEGORY: OptionRules<ChartCategory, ChartCategory> = {
  title: required(aText),
  charts: required(aList),
  closed: optional(aFlag),
};
const CHART: OptionRules<AnyChart, AnyChart> = { title: required(aText), tags: optional(aListOfTexts), margins: optional(aList) };
const MARGIN: OptionRules<MarginSeries, MarginSeries> = {
  value: required(aText),
  lower: required(aText),
  upper: required(aText),
};

/** The layout as a Summary.Value. Throws `ERR_CONFIG` for a key that the layout does not have, and for a value of another type. */
export function customScalarsValue(given: CustomScalarsLayout): Uint8Array<ArrayBuffer> {
  const layout = checkedOptions<CustomScalarsLayout, CustomScalarsLayout>(given, LAYOUT, "addCustomScalars");
  const bytes = new ProtoWriter();
  for (const [index, category] of layout.categories.entries())
    bytes.message(2, (writer) => putCategory(writer, category, `addCustomScalars.categories[${index}]`));
  const tensor = stringTensor([], [bytes.finish()]);
  return pluginValue({ tag: CUSTOM_SCALARS_TAG, plugin: "custom_scalars", dataClass: DataClass.tensor, tensor });
}

function putCategory(writer: ProtoWriter, given: ChartCategory, path: string): void {
  const { title, charts, closed = false } = checkedOptions<ChartCategory, ChartCategory>(given, CATEGORY, path);
  writer.string(1, title);
  for (const [index, chart] of charts.entries()) writer.message(2, (inner) => putChart(inner, chart, `${path}.charts[${index}]`));
  if (closed) writer.varint(3, true);
}

function putChart(writer: ProtoWriter, given: ScalarChart, path: string): void {
  const { title, tags, margins } = checkedOptions<AnyChart, AnyChart>(given, CHART, path);
  if ((tags === undefined) === (margins === undefined))
    throw new TrainscopeError("ERR_CONFIG", 'A chart has either "tags" or "margins".', { path });
  writer.string(1, title);
  if (tags !== undefined) {
    writer.message(2, (lines) => {
      for (const tag of tags) lines.string(1, tag);
    });
  }
  if (margins !== undefined) {
    writer.message(3, (bands) => {
      for (const [index, margin] of margins.entries()) putMargin(bands, margin, `${path}.margins[${index}]`);
    });
  }
}

function putMargin(writer: ProtoWriter, given: MarginSeries, path: string): void {
  const { value, lower, upper } = checkedOptions<MarginSeries, MarginSeries>(given, MARGIN, path);
  writer.message(1, (series) => series.string(1, value).string(2, lower).string(3, upper));
}
