/**
 * The records of TensorBoard's HParams tab (its `hparams/plugin_data.proto`), all in the run's own directory. `experiment` has the
 * names of the columns; only the first one below the log directory is read. `session start` has the values, `session end` the
 * status; of these two a run shows the first that is found, so the end may be written only once.
 */
import { ProtoWriter } from "../files/protobuf.js";
import { DataClass, numberTensor, pluginValue } from "./value.js";

/** The value of a parameter. TensorBoard does not show NaN and infinities as numbers: they are written as text. */
export type HparamValue = string | number | boolean;

/** True for what can be the value of a parameter. */
export function isHparamValue(value: unknown): value is HparamValue {
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean";
}

/** The parameters of a run, by name. */
export type HparamValues = Readonly<Record<string, HparamValue>>;

interface MetricColumn {
  tag: string;
  /** The directory below the run's in which the tag is; left out: the run's own. */
  group?: string | undefined;
}

interface HparamsExperiment {
  hparams: HparamValues;
  /** The tags of scalars that are columns. */
  metrics: readonly (string | MetricColumn)[];
  /** Seconds since 1970. */
  timeCreatedSecs: number;
}

interface HparamsSession {
  hparams: HparamValues;
  /** Sessions of one group are one row; left out: each session is a row. */
  groupName?: string | undefined;
  /** Seconds since 1970. */
  startTimeSecs: number;
}

const HPARAM_TYPES = { string: 1, boolean: 2, number: 3 } as const;
const STATUS = { success: 1, failure: 2, running: 3 } as const;

/** The names and types of the columns. */
export function hparamsExperimentValue({ hparams, metrics, timeCreatedSecs }: HparamsExperiment): Uint8Array<ArrayBuffer> {
  const experiment = new ProtoWriter().double(3, timeCreatedSecs);
  for (const [name, value] of Object.entries(hparams)) {
    experiment.message(4, (info) => {
      info.string(1, name).varint(4, HPARAM_TYPES[typeof value as keyof typeof HPARAM_TYPES]);
      if (typeof value === "boolean") info.message(5, putYesAndNo); // the values to filter by; those of text are not known, another run may have others
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

/** The values of one run. */
export function sessionStartValue({ hparams, groupName, startTimeSecs }: HparamsSession): Uint8Array<ArrayBuffer> {
  const session = new ProtoWriter();
  for (const [name, value] of Object.entries(hparams)) {
    session.message(1, (entry) => entry.string(1, name).message(2, (written) => putHparam(written, value)));
  }
  if (groupName !== undefined) session.string(4, groupName);
  session.double(5, startTimeSecs);
  return hparamsValue("session_start_info", 3, session.finish());
}

/** The status with which one run ended, and when (seconds since 1970). */
export function sessionEndValue(status: keyof typeof STATUS, endTimeSecs: number): Uint8Array<ArrayBuffer> {
  return hparamsValue("session_end_info", 4, new ProtoWriter().varint(1, STATUS[status]).double(2, endTimeSecs).finish());
}

/** Writes both booleans as a google.protobuf.ListValue. */
function putYesAndNo(list: ProtoWriter): void {
  for (const value of [false, true]) list.message(1, (written) => putHparam(written, value));
}

/** Writes a google.protobuf.Value. Zero values are written too: the field that is present tells the type. */
function putHparam(writer: ProtoWriter, value: HparamValue): void {
  if (typeof value === "boolean") writer.varint(4, value);
  else if (typeof value === "number" && Number.isFinite(value)) writer.double(2, value);
  else writer.string(3, String(value));
}

function hparamsValue(record: string, field: number, bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const content = new ProtoWriter(bytes.length + 16).message(field, bytes).finish();
  const tensor = numberTensor([0], new Float32Array(0)); // the reader requires a tensor
  return pluginValue({ tag: `_hparams_/${record}`, plugin: "hparams", content, dataClass: DataClass.tensor, tensor });
}
