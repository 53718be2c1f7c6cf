import { HIDDEN, secrecyOf, type Secrecy } from "./secrets.js";

/**
 * What a text has where one of the patterns below may match: most texts have none of it, and are searched once.
 * No pattern tries one place more than a bounded number of times: a text of a megabyte takes milliseconds.
 */
const SUSPECT = /[=:]|-----BEGIN|%3a%2f|(?<!\S)--?\w|\b(?:bearer|basic)\s|(?:gh[pousr]|hf|npm|github_pat|dckr_pat|[sr]k_live|[sr]k_test)_|(?:sk|xox.|xapp|glpat|pypi)-|AKIA|ASIA|AIza|ya29|SG\.|eyJ/i; // prettier-ignore

const PEM = /-----BEGIN [A-Z\d ]{0,40}PRIVATE KEY(?: BLOCK)?-----/g;
const USERINFO = /:\/\/[^\s/?#"'<>]+@/g;
const PASSWORD_WITH_SLASHES = /:\/\/[^\s/?#:@"'<>]*:(?!\d{1,5}[/?#])(?:(?!:\/\/)[^\s@"'<>])+@/g;
const ENCODED_USERINFO = /(%3a%2f%2f)(?:(?!%2f|%40)[\w.~%+-])+%40/gi;
const BEARER = /\b(bearer|basic)(\s+)([\w.~+/=-]{8,})/gi;
const FLAG = /(?<!\S)--?([a-z][\w-]{0,63})([ \t]+)([^\s"'-]\S*|"[^"\n]*"|'[^'\n]*')/gi;
const USER_FLAG = /(?<!\S)(-u|--user|--proxy-user)([ \t=]+)[^\s:]{1,256}:\S+/g;
/** The part of a web address that is the secret itself. */
const WEBHOOK =
  /(hooks\.slack\.com\/(?:services|workflows|triggers)\/|discord(?:app)?\.com\/api\/webhooks\/\d{1,32}\/|api\.telegram\.org\/bot|\.webhook\.office\.com\/webhookb2\/)[\w:@/-]+/gi;
/** Keys and tokens that are known by their form. */
const FORMS = new RegExp(
  `(?<![\\w-])(?:${[
    "gh[pousr]_[A-Za-z\\d]{20,255}",
    "github_pat_\\w{20,255}",
    "glpat-[\\w-]{16,255}",
    "(?:AKIA|ASIA)[A-Z\\d]{16}(?!\\w)",
    "hf_[A-Za-z\\d]{30,255}",
    "xox[abeoprs]-[\\w-]{10,255}",
    "xapp-[\\w-]{10,255}",
    "AIza[\\w-]{30,255}",
    "ya29\\.[\\w-]{20,}",
    "npm_[A-Za-z\\d]{30,255}",
    "pypi-[\\w-]{40,}",
    "dckr_pat_[\\w-]{20,255}",
    "[sr]k_(?:live|test)_[A-Za-z\\d]{10,255}",
    "SG\\.[\\w-]{16,64}\\.[\\w-]{16,64}",
    "eyJ[\\w-]{8,}\\.[\\w-]{8,}(?:\\.[\\w-]*)?",
    "sk-(?=[\\w-]{0,255}?\\d)(?=[\\w-]{0,255}?(?:[A-Z]|[a-z\\d]{20}))[\\w-]{16,}",
  ].join("|")})`,
  "g",
);

/** A key, which may be quoted and in brackets (`env["KEY"]=`), and its mark. A value in quotes may be on the line after a quoted key. */
const KEY_AND_MARK = /(?<![\w.%-])([\w.%-]{2,1000})(?:\\{0,3}["'][\])}]?|[\])}](?=[ \t]{0,4}=))?[ \t]{0,4}(=>|[=:])(?:(?<=["'][ \t]{0,4}:)\s{0,8}(?=\\{0,3}["'[{])|[ \t]{0,4})/g; // prettier-ignore
/** Headers whose value is the rest of the line. */
const HEADER = /^(?:(?:proxy-)?authorization|(?:set-)?cookie)$/i;
const SCHEME = /(?:bearer|basic|token|digest|negotiate|apikey)[ \t]+/iy;
const OPENING_QUOTE = /\\{0,3}["']/y;
/** In a query, and elsewhere. */
const VALUE_IN_QUERY = /[^\s&;#"'<>]+/y;
const VALUE = /[^\s&;"'<>]+/y;
const VALUE_AFTER_COLON = /[^\s&;,"'<>]+/y;
/** What says that there is no secret. */
const NO_VALUE = /^(?:null|undefined|none|nil|true|false|\*+)$/i;
const NUMBER_TEXT = /^[\d.,_+-]+(?:[kmgtb%]|e[+-]?\d+)?$/i;
const PROSE = /^(?:is|was|are|to|or|and|for|in|on|of|with|from|must|may|can|not|needs?|requires?|flags?|options?|arguments?)$/i;

/**
 * `text` with `***` in place of the secrets in it: the user and password of URIs, secret query parameters and settings (`token=…`,
 * `"password": "…"`, `--api-key …`), authorization headers and cookies, private keys in PEM form, and tokens that are known by their
 * form (`sk-…`, `ghp_…`, `AKIA…`, JWT).
 */
export function redactText(text: string): string {
  if (!SUSPECT.test(text)) return text;
  const withoutUris = withoutPrivateKeys(text)
    .replace(USERINFO, `://${HIDDEN}@`)
    .replace(PASSWORD_WITH_SLASHES, `://${HIDDEN}@`)
    .replace(ENCODED_USERINFO, `$1${HIDDEN}%40`)
    .replace(WEBHOOK, `$1${HIDDEN}`);
  return withoutSettings(withoutUris)
    .replace(FLAG, withoutFlag)
    .replace(USER_FLAG, `$1$2${HIDDEN}`)
    .replace(BEARER, withoutBearer)
    .replace(FORMS, HIDDEN);
}

/** A private key that was cut off has no end: then all that follows is hidden. */
function withoutPrivateKeys(text: string): string {
  const kept: string[] = [];
  let at = 0;
  for (const { index } of text.matchAll(PEM)) {
    if (index < at) continue;
    const end = text.indexOf("-----END ", index);
    const closing = end < 0 ? -1 : text.indexOf("-----", end + "-----END ".length);
    kept.push(text.slice(at, index), HIDDEN);
    at = closing < 0 ? text.length : closing + "-----".length;
  }
  return at === 0 ? text : kept.join("") + text.slice(at);
}

/** Without the values of secret keys: `key=value`, `key: value`, `"key": "value"`. */
function withoutSettings(text: string): string {
  const kept: string[] = [];
  let at = 0;
  KEY_AND_MARK.lastIndex = 0;
  for (let found = KEY_AND_MARK.exec(text); found !== null; found = KEY_AND_MARK.exec(text)) {
    const setting = settingAt(text, found.index, found[1] as string, found[2] as string, KEY_AND_MARK.lastIndex);
    const value = secretIn(text, setting);
    if (value === null) continue;
    kept.push(text.slice(at, value.start), HIDDEN);
    at = value.end;
    KEY_AND_MARK.lastIndex = at;
  }
  return at === 0 ? text : kept.join("") + text.slice(at);
}

interface Span {
  start: number;
  end: number;
}

/** A key of a text, the mark after it, and where its value starts. */
interface Setting {
  key: string;
  secrecy: Secrecy;
  mark: string;
  isQuery: boolean;
  start: number;
}

function settingAt(text: string, keyAt: number, rawKey: string, mark: string, start: number): Setting {
  const key = decoded(rawKey);
  const isQuery = mark === "=" && /[?&;#]/.test(text[keyAt - 1] ?? "");
  return { key, mark, isQuery, start, secrecy: isQuery && isSecretParameter(key) ? "all" : secrecyOf(key) };
}

/** Where the secret of a setting is; null: there is none. */
function secretIn(text: string, setting: Setting): Span | null {
  const { key, secrecy, mark, isQuery, start } = setting;
  if (secrecy === "none") return null;
  const quoted = quotedValue(text, start);
  if (quoted !== null) return quoted.end > quoted.start ? quoted : null;
  if (mark === "=>" || text[start] === "=") return null; // a function or a comparison of a program's text
  if (HEADER.test(key) && !isQuery) return headerValue(text, start);
  if (mark !== ":") return plainValue(text, setting);
  // A path before a message (`hooks.own.token: Found …`) and the scheme of a URI are no settings.
  return secrecy !== "all" || key.includes(".") || text.startsWith("//", start) ? null : plainValue(text, setting);
}

function plainValue(text: string, { secrecy, mark, isQuery, start }: Setting): Span | null {
  if (!isQuery && /[[{]/.test(text[start] ?? "")) return secrecy === "all" ? nestedValue(text, start) : null;
  const pattern = isQuery ? VALUE_IN_QUERY : mark === ":" ? VALUE_AFTER_COLON : VALUE;
  const from = start + (isQuery ? 0 : (matchAt(SCHEME, text, start)?.length ?? 0));
  const value = (matchAt(pattern, text, from) ?? "").replace(/[,.)\]}:!?]{1,8}$/, "");
  if (value === "" || NO_VALUE.test(value) || (secrecy === "text" && NUMBER_TEXT.test(value))) return null;
  return { start: from, end: from + value.length };
}

function isSecretParameter(key: string): boolean {
  return secrecyOf(key) === "all" || /^(?:key|sig|hmac|auth|pass|sid|(?:php|j)?session_?id)$|signature$/i.test(key);
}

function headerValue(text: string, from: number): Span | null {
  const start = from + (matchAt(SCHEME, text, from)?.length ?? 0);
  const length = text.slice(start).search(/["'\r\n]|$/);
  return length === 0 || NO_VALUE.test(text.slice(start, start + length)) ? null : { start, end: start + length };
}

/** What is between quotes at `from`, which may be escaped (`\"`) as in JSON inside of a text; to the end of the text where it is cut off. */
function quotedValue(text: string, from: number): Span | null {
  const quote = matchAt(OPENING_QUOTE, text, from);
  if (quote === null) return null;
  const start = from + quote.length;
  let end = text.indexOf(quote, start);
  while (end > 0 && quote.length === 1 && isEscaped(text, end)) end = text.indexOf(quote, end + 1);
  return { start, end: end < 0 ? text.length : end };
}

function isEscaped(text: string, at: number): boolean {
  let slashes = 0;
  while (text[at - 1 - slashes] === "\\") slashes++;
  return slashes % 2 === 1;
}

/** A list or an object, to the bracket that closes it. */
function nestedValue(text: string, start: number): Span {
  let depth = 0;
  for (let at = start; at < text.length; at++) {
    const character = text[at] as string;
    if (character === "{" || character === "[") depth++;
    else if ((character === "}" || character === "]") && --depth === 0) return { start, end: at + 1 };
  }
  return { start, end: text.length };
}

function withoutFlag(whole: string, flag: string, space: string, value: string): string {
  if (secrecyOf(flag) === "none" || PROSE.test(value) || NO_VALUE.test(value)) return whole;
  return `${whole.slice(0, whole.length - value.length - space.length)}${space}${HIDDEN}`;
}

/** "basic training" and "bearer authentication" are prose. */
function withoutBearer(whole: string, scheme: string, space: string, value: string): string {
  const isProse =
    /^(?:[a-z]+|[A-Z][a-z]+)[.-]?$/.test(value) && (scheme.toLowerCase() === "basic" || /^(?:auth|token|cred|cert)/i.test(value));
  return isProse ? whole : `${scheme}${space}${HIDDEN}`;
}

function matchAt(pattern: RegExp, text: string, at: number): string | null {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0] ?? null;
}

function decoded(key: string): string {
  if (!key.includes("%")) return key.replace(/^[-.]+/, "");
  try {
    return decodeURIComponent(key);
  } catch {
    return key;
  }
}
