import { isSecretKey, redactConfig, redactText } from "./redact.js";
import type { ConfigPath } from "./tree.js";

const MAX_LENGTH = 80;

/** A value as an error shows it: short, and without secrets. */
export function show(value: unknown, path: ConfigPath = []): string {
  const last = path.findLast((key) => typeof key === "string");
  if (typeof last === "string" && isSecretKey(last) && value !== undefined) return "***";
  const text = redactText(plainText(value));
  return text.length > MAX_LENGTH ? `${text.slice(0, MAX_LENGTH - 1)}…` : text;
}

function plainText(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value === "function") return value.name === "" ? "a function" : `the class or function ${value.name}`;
  if (typeof value !== "object" || value === null) return String(value);
  const json = JSON.stringify(redactConfig(value));
  if (json.length <= MAX_LENGTH && /^[[{]/.test(json)) return json;
  if (Array.isArray(value)) return `a list of ${value.length}`;
  const made = (Object.getPrototypeOf(value) as { constructor?: { name?: string } } | null)?.constructor?.name;
  if (made !== undefined && made !== "Object") return `an instance of ${made}`;
  return `an object with ${Object.keys(value).join(", ")}`;
}
