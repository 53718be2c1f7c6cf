import { isClass } from "../support/value-text.js";
import { isLoggerBackend, isProcessGroup } from "./instances.js";
import { redactText } from "./secret-text.js";

/** Something with a `toJSON` of its own or of its class. */
export interface HasToJson {
  toJSON(): unknown;
}

export function hasToJson(value: object): value is HasToJson {
  return typeof (value as Partial<HasToJson>).toJSON === "function";
}

/** `[class LossAlarm]`, `[function step]`. Never throws. */
export function functionName(value: { readonly name: unknown }): string {
  const kind = isClass(value) ? "class" : "function";
  try {
    return typeof value.name === "string" && value.name !== "" ? `[${kind} ${value.name}]` : `[${kind}]`;
  } catch {
    return `[${kind}]`; // a revoked proxy, a static getter that throws
  }
}

/** `[LoggerBackend memory]`, `[LossAlarm]`, or null for a plain object. */
export function nameOfInstance(value: object): string | null {
  if (isLoggerBackend(value)) return `[LoggerBackend ${redactText(value.name)}]`;
  if (isProcessGroup(value)) return `[ProcessGroup rank ${value.rank} of ${value.worldSize}]`;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === null || prototype === Object.prototype) return null;
  const name = (prototype as { constructor?: { name?: string } }).constructor?.name ?? "";
  return name === "Object" ? null : `[${name === "" ? "object" : name}]`;
}
