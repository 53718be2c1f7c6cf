/** Reads event files for tests, without the encoders that wrote them. */
import { closeSync, openSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { isEventFile } from "../../src/loggers/tensorboard/files/file-name.js";
import { RecordReader } from "../../src/loggers/tensorboard/files/record.js";

/** A value of an event's summary. */
interface ReadValue {
  tag: string;
  /** Of a scalar. */
  value?: number;
  /** The plugin of a tensor. */
  plugin?: string;
  /** The strings of a tensor. */
  strings: string[];
}

/** An event of a file. */
interface ReadEvent {
  wallTime: number;
  step: number;
  fileVersion?: string;
  isSessionStart: boolean;
  values: ReadValue[];
}

/** The names of the event files of a directory, in TensorBoard's order. */
export function eventFiles(dir: string): string[] {
  return readdirSync(dir).filter(isEventFile).sort();
}

/** The events of a run directory in TensorBoard's order. Throws where a record does not match its checksums. */
export function readEvents(dir: string): ReadEvent[] {
  return eventFiles(dir).flatMap((name) => readEventFile(join(dir, name)));
}

/** Every scalar as [tag, step, value], in order. */
export function readScalars(dir: string): [string, number, number][] {
  return readEvents(dir).flatMap(({ step, values }) =>
    values.flatMap(({ tag, value }): [string, number, number][] => (value === undefined ? [] : [[tag, step, value]])),
  );
}

/** The events of a file. Throws where a record does not match its checksums, or is cut off. */
function readEventFile(path: string): ReadEvent[] {
  const fd = openSync(path, "r");
  try {
    const reader = new RecordReader(fd);
    const events: ReadEvent[] = [];
    for (let record = reader.next(); record !== null; record = reader.next()) {
      if (!record.intact) throw new Error(`${path}: a record does not match its checksum`);
      events.push(readEvent(record.data));
    }
    if (reader.hasTail) throw new Error(`${path}: bytes follow the last whole record`);
    return events;
  } finally {
    closeSync(fd);
  }
}

function readEvent(data: Uint8Array): ReadEvent {
  const event: ReadEvent = { wallTime: 0, step: 0, isSessionStart: false, values: [] };
  for (const { field, number, bytes } of fieldsOf(data)) {
    if (field === 1) event.wallTime = number;
    else if (field === 2) event.step = number;
    else if (field === 3) event.fileVersion = Buffer.from(bytes).toString();
    else if (field === 5) for (const value of fieldsOf(bytes)) event.values.push(readValue(value.bytes));
    else if (field === 7) event.isSessionStart = fieldsOf(bytes).some((inner) => inner.field === 1 && inner.number === 1);
  }
  return event;
}

function readValue(data: Uint8Array): ReadValue {
  const value: ReadValue = { tag: "", strings: [] };
  for (const { field, number, bytes } of fieldsOf(data)) {
    if (field === 1) value.tag = Buffer.from(bytes).toString();
    else if (field === 2) value.value = number;
    else if (field === 8) {
      for (const inner of fieldsOf(bytes)) if (inner.field === 8) value.strings.push(Buffer.from(inner.bytes).toString());
    } else if (field === 9) {
      const plugin = fieldsOf(bytes).find((inner) => inner.field === 1);
      const name = plugin === undefined ? undefined : fieldsOf(plugin.bytes).find((inner) => inner.field === 1);
      if (name !== undefined) value.plugin = Buffer.from(name.bytes).toString();
    }
  }
  return value;
}

interface Field {
  field: number;
  number: number;
  bytes: Buffer;
}

function fieldsOf(message: Uint8Array): Field[] {
  const data = Buffer.from(message.buffer, message.byteOffset, message.byteLength);
  const fields: Field[] = [];
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = data[at++];
      if (byte === undefined) throw new Error("a varint is cut off");
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
  };
  while (at < data.length) {
    const key = varint();
    const field = Math.floor(key / 8);
    const none = Buffer.alloc(0);
    if (key % 8 === 0) fields.push({ field, number: varint(), bytes: none });
    else if (key % 8 === 1) fields.push({ field, number: data.readDoubleLE(at), bytes: none });
    else if (key % 8 === 5) fields.push({ field, number: data.readFloatLE(at), bytes: none });
    else if (key % 8 === 2) {
      const length = varint();
      if (at + length > data.length) throw new Error("a field is cut off");
      fields.push({ field, number: 0, bytes: data.subarray(at, at + length) });
      at += length;
    } else throw new Error(`wire type ${key % 8}`);
    if (key % 8 === 1) at += 8;
    if (key % 8 === 5) at += 4;
  }
  return fields;
}
