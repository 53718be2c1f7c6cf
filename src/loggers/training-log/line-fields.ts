import { redactRecord, type PlainTree } from "../../config/redact.js";
import { HIDDEN } from "../../config/secrets.js";
import { jsonNumber } from "../../support/json-number.js";
import { setOwn } from "../../support/own.js";
import type { LogExtras, ResolvedTrainingLoggerOptions } from "./options.js";

/** Fields of a line as JSON can hold them, without secrets. */
export type LineFields = Record<string, PlainTree>;

/** Keys that a line has by itself. */
const RESERVED: ReadonlySet<string> = new Set([
  "level",
  "timestamp",
  "message",
  "logger",
  "component",
  "module",
  "run",
  "experiment_id",
  "rank",
]);

/** Keys that pino does not write where they are on every line. */
const RESERVED_IN_BASE: ReadonlySet<string> = new Set([
  ...RESERVED,
  "serializers",
  "formatters",
  "customLevels",
  "hasOwnProperty",
]);

/** The fields of every line, in their order. @internal */
export function baseFields(options: ResolvedTrainingLoggerOptions): LineFields {
  const { component, module, run, experiment, rank, fields } = options;
  const base = plainFields({ logger: "trainscope", component, module, run, experiment_id: experiment, rank });
  return { ...base, ...withFreeKeys(plainFields(fields), RESERVED_IN_BASE) };
}

/** The keys that extras must not use beside `base`. */
export function takenKeys(base: LineFields): ReadonlySet<string> {
  return new Set([...RESERVED, ...Object.keys(base)]);
}

/** `extras` as JSON can hold them, without secrets. */
export function plainFields(extras: LogExtras | undefined): LineFields {
  if (extras === undefined) return {};
  const plain = redactRecord(extras);
  return plain !== null && typeof plain === "object" && !Array.isArray(plain) ? (plain as LineFields) : { extras: plain };
}

/** As `plainFields`, for measured values: a number is written whatever its name (`loss_token` is no secret). */
export function measuredFields(values: LogExtras | undefined): LineFields {
  const fields = plainFields(values);
  for (const key of Object.keys(fields)) {
    const value = fields[key] === HIDDEN ? values?.[key] : undefined;
    if (typeof value === "number") setOwn(fields, key, jsonNumber(value));
  }
  return fields;
}

/** `fields` with every key that is taken renamed: it gets as many `_` as it takes to be no other. */
export function withFreeKeys(fields: LineFields, taken: ReadonlySet<string>): LineFields {
  const free: LineFields = {};
  for (const key of Object.keys(fields)) setOwn(free, freeKey(key, taken, fields), fields[key] as PlainTree);
  return free;
}

function freeKey(key: string, taken: ReadonlySet<string>, others: object): string {
  let free = key;
  while (taken.has(free) || (free !== key && Object.hasOwn(others, free))) free += "_";
  return free;
}

/** A message as text, without secrets. */
export function messageText(message: unknown): string {
  const text = redactRecord(message);
  return typeof text === "string" ? text : JSON.stringify(text);
}

/** `2026-01-02T00:00:00.000Z`, or `invalid` for a time that is none. */
export function isoTime(ms: number): string {
  const time = new Date(ms);
  return Number.isNaN(time.getTime()) ? "invalid" : time.toISOString();
}
