/** Scalars, encoded in place: no object and no copy for each point. */
import type { EventFile } from "./event-file.js";
import { ProtoWriter } from "./protobuf.js";

const EVENT_WALL_TIME = 0x09;
const EVENT_STEP = 0x10;
const EVENT_SUMMARY = 0x2a;
/** Tag bytes, wall time, step and the summary's length at their longest. */
const MAX_HEAD_BYTES = 9 + 11 + 6;
/** Tags whose encoding is remembered. */
const MAX_TEMPLATES = 20_000;

/** Writes scalars as `simple_value`, which every reader of event files knows; a value is kept as a 32-bit float. */
export class ScalarEncoder {
  readonly #file: EventFile;
  readonly #templates = new Map<string, Uint8Array>();
  readonly #used: Uint8Array[] = [];

  constructor(file: EventFile) {
    this.#file = file;
  }

  /** One event with one value. `wallTime` in seconds, `now` in milliseconds. */
  one(tag: string, value: number, step: number, wallTime: number, now: number): void {
    const template = this.#templates.get(tag) ?? this.#newTemplate(tag);
    const file = this.#file;
    const start = file.open(MAX_HEAD_BYTES + template.length);
    if (start === -1) return;
    const at = putHead(file, start, wallTime, step, template.length);
    file.seal(putValue(file, at, template, value), now);
  }

  /** One event with all values of an object. */
  many(values: Readonly<Record<string, number>>, step: number, wallTime: number, now: number): void {
    const used = this.#used;
    let count = 0;
    let size = 0;
    for (const tag in values) {
      const template = this.#templates.get(tag) ?? this.#newTemplate(tag);
      used[count++] = template;
      size += template.length;
    }
    if (count === 0) return;
    const file = this.#file;
    const start = file.open(MAX_HEAD_BYTES + size);
    if (start === -1) return;
    let at = putHead(file, start, wallTime, step, size);
    let index = 0;
    for (const tag in values) at = putValue(file, at, used[index++] as Uint8Array, values[tag] as number);
    file.seal(at, now);
  }

  /** A `Summary` field with the tag and a value of 0 at its end. */
  #newTemplate(tag: string): Uint8Array {
    const template = new ProtoWriter().message(1, (value) => value.string(1, tag).float(2, 0)).finish();
    if (this.#templates.size >= MAX_TEMPLATES) this.#templates.clear();
    this.#templates.set(tag, template);
    return template;
  }
}

function putHead(file: EventFile, start: number, wallTime: number, step: number, summaryBytes: number): number {
  const { bytes, view } = file;
  bytes[start] = EVENT_WALL_TIME;
  view.setFloat64(start + 1, wallTime, true);
  bytes[start + 9] = EVENT_STEP;
  const at = putVarint(bytes, start + 10, step);
  bytes[at] = EVENT_SUMMARY;
  return putVarint(bytes, at + 1, summaryBytes);
}

function putValue(file: EventFile, start: number, template: Uint8Array, value: number): number {
  const { bytes } = file;
  const { length } = template;
  for (let index = 0; index < length; index++) bytes[start + index] = template[index] as number;
  file.view.setFloat32(start + length - 4, value, true);
  return start + length;
}

/** `value` is a safe integer from 0. */
function putVarint(bytes: Uint8Array, start: number, value: number): number {
  let at = start;
  let rest = value;
  while (rest >= 0x80000000) {
    bytes[at++] = (rest % 128) | 128;
    rest = Math.floor(rest / 128);
  }
  while (rest > 127) {
    bytes[at++] = (rest & 127) | 128;
    rest >>>= 7;
  }
  bytes[at++] = rest;
  return at;
}
