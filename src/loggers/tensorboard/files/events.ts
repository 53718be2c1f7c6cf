/** The events that are not scalars, as the data of records. Field numbers are those of TensorFlow's `event.proto`. */
import { ProtoWriter } from "./protobuf.js";

const WALL_TIME = 1;
const STEP = 2;
const FILE_VERSION = 3;
const GRAPH_DEF = 4;
const SUMMARY = 5;
const SESSION_LOG = 7;
const SOURCE_METADATA = 10;
const SESSION_START = 1;

/** The first event of every file. Wall times are in seconds since 1970. */
export function fileVersionEvent(wallTime: number): Uint8Array {
  return new ProtoWriter()
    .double(WALL_TIME, wallTime)
    .string(FILE_VERSION, "brain.Event:2")
    .message(SOURCE_METADATA, (source) => source.string(1, "trainscope"))
    .finish();
}

/** The start of a session. From the second one on, TensorBoard's Python loader drops the earlier points from `step` on. */
export function sessionStartEvent(wallTime: number, step: number): Uint8Array {
  return new ProtoWriter()
    .double(WALL_TIME, wallTime)
    .varint(STEP, step)
    .message(SESSION_LOG, (log) => log.varint(1, SESSION_START))
    .finish();
}

/** An event with summary values, each encoded as a `Summary.Value`. */
export function summaryEvent(wallTime: number, step: number, values: readonly Uint8Array[]): Uint8Array {
  const size = values.reduce((sum, value) => sum + value.length + 8, 64);
  const summary = new ProtoWriter(size);
  for (const value of values) summary.message(1, value);
  return new ProtoWriter(size).double(WALL_TIME, wallTime).varint(STEP, step).message(SUMMARY, summary.finish()).finish();
}

/** The graph of a run: an encoded `GraphDef`. */
export function graphEvent(wallTime: number, graphDef: Uint8Array): Uint8Array {
  return new ProtoWriter(graphDef.length + 32).double(WALL_TIME, wallTime).bytes(GRAPH_DEF, graphDef).finish();
}
