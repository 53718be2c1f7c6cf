import { valueText } from "../support/value-text.js";
import { redactConfig } from "./redact.js";
import { redactText } from "./secret-text.js";
import { HIDDEN, secrecyOf } from "./secrets.js";
import type { ConfigPath } from "./tree.js";

const MAX_LENGTH = 80;

/** A value as an error shows it: short, and without secrets. Small lists and objects are shown as JSON. */
export function show(value: unknown, path: ConfigPath = []): string {
  const last = path.findLast((key) => typeof key === "string");
  if (typeof last === "string" && value !== undefined && isHidden(last, value)) return HIDDEN;
  if (typeof value === "string") return valueText(redactText(value)); // first: a URI that is cut shows its password
  if (typeof value !== "object" || value === null) return valueText(value);
  const json = JSON.stringify(redactConfig(value));
  return json.length <= MAX_LENGTH && /^[[{]/.test(json) ? json : redactText(valueText(value));
}

function isHidden(key: string, value: unknown): boolean {
  const secrecy = secrecyOf(key);
  return secrecy === "all" || (secrecy === "text" && typeof value !== "number" && typeof value !== "boolean");
}
