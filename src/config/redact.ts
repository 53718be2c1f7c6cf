import { isLoggerBackend, isProcessGroup } from "./instances.js";

/** A tree that JSON can hold. */
export type PlainTree = null | boolean | number | string | readonly PlainTree[] | { readonly [key: string]: PlainTree };

const HIDDEN = "***";
const SECRET_LAST_WORDS: ReadonlySet<string> = new Set(["token", "pwd", "passwd", "pat", "bearer", "cookie"]);
const SECRET_PARTS = /secret|password|passphrase|apikey|accesskey|privatekey|authorization|credential/;

/** True for keys such as `token`, `apiKey`, `TRACKING_PASSWORD`, `clientSecret`; false for `tokens`, `maxTokens`, `tokenizer`. */
export function isSecretKey(key: string): boolean {
  const words = key
    .replace(/([a-z\d])([A-Z])/g, "$1 $2")
    .toLowerCase()
    .split(/[^a-z\d]+/);
  return SECRET_LAST_WORDS.has(words.at(-1) ?? "") || SECRET_PARTS.test(words.join(""));
}

// None of these looks back or ahead without a bound, so that long text takes linear time.
const USERINFO = /:\/\/[^\s/?#"'<>]{1,512}@/g;
const PASSWORD_WITH_SLASHES = /:\/\/[^\s/?#:@"'<>]{0,256}:(?!\d{1,5}[/?#])[^\s@"'<>]{1,256}@/g;
const QUERY = /([?&;])([\w.-]{1,64})=([^&;\s#"'<>]{1,4096})/g;
const BEARER = /\b(bearer|basic) [\w.~+/=-]{8,}/gi;

/** `text` without the user and password of URIs, secret query parameters, and bearer tokens. */
export function redactText(text: string): string {
  return text
    .replace(USERINFO, `://${HIDDEN}@`)
    .replace(PASSWORD_WITH_SLASHES, `://${HIDDEN}@`)
    .replace(QUERY, (whole, mark: string, key: string) => (isSecretParameter(key) ? `${mark}${key}=${HIDDEN}` : whole))
    .replace(BEARER, (_whole, scheme: string) => `${scheme} ${HIDDEN}`);
}

function isSecretParameter(key: string): boolean {
  return isSecretKey(key) || /^(key|sig|signature|auth)$/i.test(key) || /signature$/i.test(key);
}

/** `config` as a tree that can be written down: secrets hidden, instances named, numbers that JSON lacks as strings. */
export function redactConfig(config: unknown): PlainTree {
  return redact(config, []) ?? null;
}

/** `above` holds the objects this value stands in, so that a cycle ends. */
function redact(value: unknown, above: readonly unknown[]): PlainTree | undefined {
  if (typeof value === "string") return redactText(value);
  if (typeof value === "number") return Number.isFinite(value) ? value : String(value);
  if (value === undefined || value === null || typeof value === "boolean") return value;
  if (typeof value === "function") return `[class ${value.name === "" ? "(unnamed)" : value.name}]`;
  if (typeof value === "bigint" || typeof value === "symbol") return String(value);
  if (typeof value !== "object") return undefined;
  if (above.includes(value)) return "[circular]";
  const within = [...above, value];
  if (Array.isArray(value)) return value.map((item) => redact(item, within) ?? null);
  return nameOfInstance(value) ?? redactKeys(value, within);
}

function redactKeys(value: object, within: readonly unknown[]): PlainTree {
  const tree: Record<string, PlainTree> = {};
  for (const [key, child] of Object.entries(value)) {
    const plain =
      isSecretKey(key) && typeof child !== "boolean" && child !== undefined && child !== null ? HIDDEN : redact(child, within);
    if (plain !== undefined)
      Object.defineProperty(tree, redactText(key), { value: plain, enumerable: true, configurable: true, writable: true });
  }
  return tree;
}

/** `[LoggerBackend memory]`, `[LossAlarm]`, or null for a plain object. */
function nameOfInstance(value: object): string | null {
  if (isLoggerBackend(value)) return `[LoggerBackend ${value.name}]`;
  if (isProcessGroup(value)) return `[ProcessGroup rank ${value.rank} of ${value.worldSize}]`;
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? "[Date]" : value.toISOString();
  if (value instanceof URL) return redactText(value.href);
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === null || prototype === Object.prototype) return null;
  const name = (prototype as { constructor?: { name?: string } }).constructor?.name ?? "";
  return name === "Object" ? null : `[${name === "" ? "object" : name}]`;
}
