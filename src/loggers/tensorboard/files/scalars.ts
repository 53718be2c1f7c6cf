import { advance, advanceWord, advanceZeros, masked, REGISTER, zeroBytes, type ZeroBytes } from "./crc32c.js";
import { valueProblem } from "../../composite/record-problems.js";
import { messageOf } from "../../../support/errors.js";
import { tagProblem } from "../tag-rule.js";
import type { EventFile } from "./event-file.js";
import { ProtoWriter } from "./protobuf.js";

const EVENT_WALL_TIME = 0x09;
const EVENT_STEP = 0x10;
const EVENT_SUMMARY = 5;
const SUMMARY_VALUE = 1;
/** The largest size of a wall time, a step and a summary's length, each with its field number. */
const MAX_HEAD_BYTES = 9 + 11 + 6;
/** Tags whose templates are kept, and their bytes; then all are discarded, and made again where they are used again. */
const MAX_TEMPLATES = 20_000;
const MAX_TEMPLATE_BYTES = 4 * 1024 * 1024;
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
 * - A tag is checked when its bytes are made. What is wrong with a tag or a value is passed to `refuse`; the others are written.
 */
export class ScalarEncoder {
  readonly #file: EventFile;
  readonly #refuse: (tag: unknown, reason: string) => void;
  /** Templates of a summary with one value, and of a value among others. */
  readonly #single = new Templates((value) => new ProtoWriter().message(EVENT_SUMMARY, value).finish());
  readonly #part = new Templates((value) => value);
  /** Reused by each call; null during one, in which a listener of the file's errors may log scalars too. */
  #used: Gathered | null = { templates: [], values: [] };
  /** The checksum's register after the wall time and step of the last single scalar: scalars of one step share it. */
  #register = 0;
  #wallTime = NaN;
  #step = NaN;

  constructor(file: EventFile, refuse: (tag: unknown, reason: string) => void) {
    this.#file = file;
    this.#refuse = refuse;
  }

  /** Writes one event with one value. `wallTime` in seconds since 1970. */
  one(tag: string, value: number, step: number, wallTime: number): void {
    const template = this.#single.of(tag);
    if (typeof template === "string") return this.#refuse(tag, template);
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
    file.seal(at + template.length, masked(register));
  }

  /** Writes one event with the numbers of an object, by tag. */
  many(values: Readonly<Record<string, number>>, step: number, wallTime: number): void {
    const used = this.#used ?? { templates: [], values: [] };
    this.#used = null;
    try {
      this.#put(used, this.#gather(values, used), step, wallTime);
    } finally {
      this.#used = used;
    }
  }

  /** Reads each value once; returns how many are good. */
  #gather(record: Readonly<Record<string, unknown>>, { templates, values }: Gathered): number {
    let count = 0;
    for (const tag in record) {
      const value = this.#read(record, tag);
      if (typeof value !== "number") continue;
      const template = this.#part.of(tag);
      if (typeof template === "string") {
        this.#refuse(tag, template);
        continue;
      }
      templates[count] = template;
      values[count++] = value;
    }
    return count;
  }

  #read(record: Readonly<Record<string, unknown>>, tag: string): unknown {
    try {
      const value = record[tag];
      if (typeof value !== "number") this.#refuse(tag, valueProblem(value) ?? "");
      return value;
    } catch (error) {
      this.#refuse(tag, `The value could not be read: ${messageOf(error)}`);
      return undefined;
    }
  }

  #put({ templates, values }: Gathered, count: number, step: number, wallTime: number): void {
    if (count === 0) return;
    let size = 0;
    for (let index = 0; index < count; index++) size += (templates[index] as Template).length;
    const file = this.#file;
    const start = file.open(MAX_HEAD_BYTES + size, count);
    if (start === -1) return;
    const { bytes, view } = file;
    let at = putTime(bytes, view, start, wallTime, step);
    bytes[at] = EVENT_SUMMARY * 8 + 2;
    at = putVarint(bytes, at + 1, size);
    let register = advance(REGISTER, bytes, start, at);
    for (let index = 0; index < count; index++) {
      const template = templates[index] as Template;
      register = putValue(view, at, template, values[index] as number, register);
      at += template.length;
    }
    file.seal(at, masked(register), count);
  }
}

/** The good values of a call, and the templates of their tags. */
interface Gathered {
  templates: Template[];
  values: number[];
}

/** The templates of tags, made at the first use of each; for a tag that is refused, the reason. */
class Templates {
  readonly #wrap: (value: Uint8Array) => Uint8Array;
  readonly #byTag = new Map<string, Template>();
  #bytes = 0;

  constructor(wrap: (value: Uint8Array) => Uint8Array) {
    this.#wrap = wrap;
  }

  of(tag: string): Template | string {
    return this.#byTag.get(tag) ?? this.#make(tag);
  }

  #make(tag: string): Template | string {
    const problem = tagProblem(tag);
    if (problem !== null) return problem;
    const value = new ProtoWriter().message(SUMMARY_VALUE, (fields) => fields.string(1, tag).float(2, 0)).finish();
    const bytes = this.#wrap(value);
    const { length } = bytes;
    const before = length - 4;
    const template = { length, words: wordsOf(bytes), zeros: zerosFor(before), register: advance(0, bytes, 0, before) };
    if (this.#byTag.size >= MAX_TEMPLATES || this.#bytes >= MAX_TEMPLATE_BYTES) {
      this.#byTag.clear();
      this.#bytes = 0;
    }
    this.#bytes += length;
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
