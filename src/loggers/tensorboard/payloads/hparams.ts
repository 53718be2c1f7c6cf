/**
 * The records behind TensorBoard's hparams tab. All three go into the run's own directory: `experiment` names the columns (only
 * the first one under the log directory counts), `session start` holds the values, `session end` the status; of the
 * last two a run shows the first it finds, so write the end only once.
 */
import { ProtoWriter } from "../files/protobuf.js";
import { DataClass, numberTensor, pluginValue } from "./value.js";

export type HparamValue = string | number | boolean;
export type HparamValues = Readonly<Record<string, HparamValue>>;

export interface MetricColumn {
  tag: string;
  /** The directory below the run's in which the tag is. Default: the run's own. */
  group?: string | undefined;
}

export interface HparamsExperiment {
  hparams: HparamValues;
  /** Tags of scalars, as columns. */
  metrics: readonly (string | MetricColumn)[];
  /** Seconds since 1970. */
  timeCreatedSecs: number;
}

export interface HparamsSession {
  hparams: HparamValues;
  /** Sessions of one group are shown as one row. Default: each its own. */
  groupName?: string | undefined;
  /** Seconds since 1970. */
  startTimeSecs: number;
}

const HPARAM_TYPES = { string: 1, boolean: 2, number: 3 } as const;
const STATUS = { success: 1, failure: 2, running: 3 } as const;

export type SessionStatus = keyof typeof STATUS;

/** Names and types of the columns. */
export function hparamsExperimentValue({ hparams, metrics, timeCreatedSecs }: HparamsExperiment): Uint8Array<ArrayBuffer> {
  const experiment = new ProtoWriter().double(3, timeCreatedSecs);
  for (const [name, value] of Object.entries(hparams)) {
    experiment.message(4, (info) => {
      info.string(1, name).varint(4, HPARAM_TYPES[typeof value as keyof typeof HPARAM_TYPES]);
      if (typeof value === "boolean") info.message(5, putYesAndNo); // to filter by; what text another run may have is not known
    });
  }
  for (const metric of metrics) {
    const { tag, group } = typeof metric === "string" ? { tag: metric, group: undefined } : metric;
    experiment.message(5, (info) =>
      info.message(1, (name) => {
        if (group !== undefined) name.string(1, group);
        name.string(2, tag);
      }),
    );
  }
  return hparamsValue("experiment", 2, experiment.finish());
}

/** The values of one run. TensorBoard does not show numbers that are NaN or infinite: they are written as text. */
export function sessionStartValue({ hparams, groupName, startTimeSecs }: HparamsSession): Uint8Array<ArrayBuffer> {
  const session = new ProtoWriter();
  for (const [name, value] of Object.entries(hparams)) {
    session.message(1, (entry) => entry.string(1, name).message(2, (written) => putHparam(written, value)));
  }
  if (groupName !== undefined) session.string(4, groupName);
  session.double(5, startTimeSecs);
  return hparamsValue("session_start_info", 3, session.finish());
}

/** How one run ended, and when (seconds since 1970). */
export function sessionEndValue(status: SessionStatus, endTimeSecs: number): Uint8Array<ArrayBuffer> {
  return hparamsValue("session_end_info", 4, new ProtoWriter().varint(1, STATUS[status]).double(2, endTimeSecs).finish());
}

/** Both booleans as a google.protobuf.ListValue. */
function putYesAndNo(list: ProtoWriter): void {
  for (const value of [false, true]) list.message(1, (written) => putHparam(written, value));
}

/** A google.protobuf.Value. Zero values are written too: they say which kind it is. */
function putHparam(writer: ProtoWriter, value: HparamValue): void {
  if (typeof value === "boolean") writer.varint(4, value);
  else if (typeof value === "number" && Number.isFinite(value)) writer.double(2, value);
  else writer.string(3, String(value));
}

function hparamsValue(record: string, field: number, bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const content = new ProtoWriter(bytes.length + 16).message(field, bytes).finish();
  const tensor = numberTensor([0], new Float32Array(0)); // the reader insists on a tensor
  return pluginValue({ tag: `_hparams_/${record}`, plugin: "hparams", content, dataClass: DataClass.tensor, tensor });
}
