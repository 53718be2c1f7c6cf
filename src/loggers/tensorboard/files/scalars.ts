import { advance, advanceWord, advanceZeros, masked, REGISTER, zeroBytes, type ZeroBytes } from "./crc32c.js";
import type { EventFile } from "./event-file.js";
import { ProtoWriter } from "./protobuf.js";

const EVENT_WALL_TIME = 0x09;
const EVENT_STEP = 0x10;
const EVENT_SUMMARY = 5;
const SUMMARY_VALUE = 1;
/** The largest size of a wall time, a step and a summary's length, each with its field number. */
const MAX_HEAD_BYTES = 9 + 11 + 6;
/** Tags whose templates are kept; then all are discarded. */
const MAX_TEMPLATES = 20_000;
/** Lengths whose tables are kept, 4 KiB each. */
const MAX_LENGTHS = 512;

/** The bytes of a tag's scalar, all but the value, which is the last four. */
interface Template {
  length: number;
  /** The bytes as little-endian words. The last word may reach past the end: what follows is written later. */
  words: Int32Array;
  /** With `register`, passes a checksum over the bytes before the value (`ZeroBytes` in crc32c.ts). */
  zeros: ZeroBytes;
  register: number;
}

/**
 * Encodes scalars in place, in the buffer of an event file.
 * - A scalar is a `simple_value`, which every reader of event files knows: a 32-bit float.
 * - Nothing is allocated, copied or checksummed twice: a tag's bytes are written as words, and their part of the record's
 *   checksum is computed at the tag's first scalar.
 */
export class ScalarEncoder {
  readonly #file: EventFile;
  /** Templates of a summary with one value, and of a value among others. */
  readonly #single = new Templates((value) => new ProtoWriter().message(EVENT_SUMMARY, value).finish());
  readonly #part = new Templates((value) => value);
  /** Reused by each call; null during one, in which a listener of the file's errors may log scalars too. */
  #used: Template[] | null = [];
  /** The checksum's register after the wall time and step of the last single scalar: scalars of one step share it. */
  #register = 0;
  #wallTime = NaN;
  #step = NaN;

  constructor(file: EventFile) {
    this.#file = file;
  }

  /** Writes one event with one value. `wallTime` in seconds, `now` in milliseconds since 1970. */
  one(tag: string, value: number, step: number, wallTime: number, now: number): void {
    const template = this.#single.of(tag);
    const file = this.#file;
    const start = file.open(MAX_HEAD_BYTES + template.length);
    if (start === -1) return;
    const { bytes, view } = file;
    const at = putTime(bytes, view, start, wallTime, step);
    if (wallTime !== this.#wallTime || step !== this.#step) {
      this.#register = advance(REGISTER, bytes, start, at);
      this.#wallTime = wallTime;
      this.#step = step;
    }
    const register = putValue(view, at, template, value, this.#register);
    file.seal(at + template.length, now, masked(register));
  }

  /** Writes one event with all values of an object. */
  many(values: Readonly<Record<string, number>>, step: number, wallTime: number, now: number): void {
    const used = this.#used ?? [];
    this.#used = null;
    this.#put(values, used, step, wallTime, now);
    this.#used = used;
  }

  #put(values: Readonly<Record<string, number>>, used: Template[], step: number, wallTime: number, now: number): void {
    let count = 0;
    let size = 0;
    for (const tag in values) {
      const template = this.#part.of(tag);
      used[count++] = template;
      size += template.length;
    }
    if (count === 0) return;
    const file = this.#file;
    const start = file.open(MAX_HEAD_BYTES + size);
    if (start === -1) return;
    const { bytes, view } = file;
    let at = putTime(bytes, view, start, wallTime, step);
    bytes[at] = EVENT_SUMMARY * 8 + 2;
    at = putVarint(bytes, at + 1, size);
    let register = advance(REGISTER, bytes, start, at);
    let index = 0;
    for (const tag in values) {
      const template = used[index++] as Template;
      register = putValue(view, at, template, values[tag] as number, register);
      at += template.length;
    }
    file.seal(at, now, masked(register));
  }
}

/** The templates of tags, made at the first use of each. */
class Templates {
  readonly #wrap: (value: Uint8Array) => Uint8Array;
  readonly #byTag = new Map<string, Template>();

  constructor(wrap: (value: Uint8Array) => Uint8Array) {
    this.#wrap = wrap;
  }

  of(tag: string): Template {
    return this.#byTag.get(tag) ?? this.#make(tag);
  }

  #make(tag: string): Template {
    const value = new ProtoWriter().message(SUMMARY_VALUE, (fields) => fields.string(1, tag).float(2, 0)).finish();
    const bytes = this.#wrap(value);
    const { length } = bytes;
    const before = length - 4;
    const template = { length, words: wordsOf(bytes), zeros: zerosFor(before), register: advance(0, bytes, 0, before) };
    if (this.#byTag.size >= MAX_TEMPLATES) this.#byTag.clear();
    this.#byTag.set(tag, template);
    return template;
  }
}

const zerosByCount = new Map<number, ZeroBytes>();

function zerosFor(count: number): ZeroBytes {
  const known = zerosByCount.get(count);
  if (known !== undefined) return known;
  if (zerosByCount.size >= MAX_LENGTHS) zerosByCount.clear();
  const zeros = zeroBytes(count);
  zerosByCount.set(count, zeros);
  return zeros;
}

function wordsOf(bytes: Uint8Array): Int32Array {
  const view = new DataView(new ArrayBuffer(Math.ceil(bytes.length / 4) * 4));
  new Uint8Array(view.buffer).set(bytes);
  return Int32Array.from({ length: view.byteLength / 4 }, (_, index) => view.getInt32(index * 4, true));
}

/** Writes wall time and step; returns where they end. */
function putTime(bytes: Uint8Array, view: DataView, start: number, wallTime: number, step: number): number {
  bytes[start] = EVENT_WALL_TIME;
  view.setFloat64(start + 1, wallTime, true);
  bytes[start + 9] = EVENT_STEP;
  return putVarint(bytes, start + 10, step);
}

/** Writes a scalar; returns the checksum's register after it. */
function putValue(view: DataView, start: number, template: Template, value: number, register: number): number {
  const { words, length } = template;
  for (let index = 0; index < words.length; index++) view.setInt32(start + index * 4, words[index] as number, true);
  const at = start + length - 4;
  view.setFloat32(at, value, true);
  return advanceWord(advanceZeros(register, template.zeros) ^ template.register, view.getInt32(at, true));
}

/** Writes a safe integer from 0; returns where it ends. */
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
