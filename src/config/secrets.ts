/** What counts as a secret by the name of its key. What is one inside of a text: `secret-text.ts`. */

/** What is written in place of a secret. */
export const HIDDEN = "***";

/**
 * What is hidden below a key: `all` of it (`password`, `apiKeys`); its `text` only, where numbers say nothing secret (`tokens: 4096`,
 * `pass: 3`, `showToken: true`); or `none`.
 */
export type Secrecy = "all" | "text" | "none";

const words = (list: string): ReadonlySet<string> => new Set(list.split(" "));

/** Secret wherever they stand in a key. */
const SECRET_PARTS =
  /passw(?:or)?d|pass ?phrase|passcode|credential|(?:api|access|private|secret|priv) ?keys?\b|authorization|secrets?\b|\bcreds?\b/;
/** A key that has a secret word and ends in one of these is about the secret: `passwordLength`, `credentialsPath`, `tokenUrl`. */
const ABOUT_IT = words(
  "length len count size url uri endpoint path file filename dir name policy type field ttl expiry expires expiration strength limit",
);
/** The first word of a switch: its boolean is no secret. */
const SWITCHES = words(
  "show use has is enable enabled disable disabled with without require requires need needs allow skip hide mask redact check validate save store include log print",
);

/** Secret at the end of a key. */
const SECRET_ENDS = words("pwd pat bearer cookie jwt jwts otp totp psk dsn");
const TEXT_ENDS = words("auth cookies");
/** Whose `token`, `key` or `pass` is a credential. */
const OWNERS =
  "api access account auth oauth oauth2 refresh session bearer security secret client service admin root user sudo proxy app bot id csrf xsrf jwt deploy " +
  "ssh ssl tls pgp gpg rsa ec hmac encryption decryption signing signature master shared cipher license storage subscription " +
  "db database sql mysql mariadb pg postgres postgresql mongo mongodb redis rabbitmq kafka smtp imap mail email ftp sftp http https basic vault keystore registry " +
  "openai anthropic claude gemini google gcp azure aws s3 minio wandb huggingface hf hub cohere mistral groq replicate together deepseek openrouter " +
  "stripe twilio sendgrid mailgun github gitlab gh slack discord telegram datadog dd newrelic sentry comet neptune clearml mlflow kaggle algolia pinecone " +
  "tavily serp serpapi langchain langsmith notion airtable firebase supabase cloudflare digitalocean heroku npm pypi docker influx influxdb grafana";
const CREDENTIAL_OWNERS = words(OWNERS);
const OWNED_IN_ONE_WORD = new RegExp(`^(?:${OWNERS.replaceAll(" ", "|")})(?:tokens?|pass|pwd)$`);
/** Whose `tokens` are credentials; those of others may be a count. */
const TOKEN_LISTS = words("api access auth oauth oauth2 refresh session bearer secret bot csrf xsrf github gitlab npm hf");
/** What a tokenizer's or a model's tokens are called: their text is no secret. */
const TEXT_TOKENS = words(
  "eos bos sos pad padding unk unknown cls sep mask masked special additional added extra stop start end begin first last next prev previous current " +
    "image img word class dist distill per prompt completion decoder encoder control reserved",
);
/** A pass over the data, through the network or of a filter. */
const OTHER_PASSES = words(
  "forward backward first second single one two multi low high band all train val validation eval next last",
);
/** Keys of tables and caches, also where they are constants: `PRIMARY_KEY`. */
const OTHER_KEYS = words(
  "public primary foreign cache sort partition hash row group index lookup map dict metric monitor state unique routing shard object batch label feature target " +
    "input output image data model loss param config default hot search registry random seed id user bot http https proxy s3",
);
const ENVIRONMENT_STYLE = /^[A-Z][A-Z\d]*(?:_[A-Z\d]+)+$/;

/** Keys whose answer is kept: records repeat theirs. Longer ones are judged each time. */
const MAX_REMEMBERED = 10_000;
const MAX_REMEMBERED_LENGTH = 250;
/** A longer key is judged by its end. */
const MAX_JUDGED = 1000;
/** Of a longer path the last parts are judged: a tree that is flattened is not deeper. */
const MAX_PARTS = 20;
const remembered = new Map<string, Secrecy>();

/** What is hidden below `key`, which may be a path such as `db.password`. */
export function secrecyOf(key: string): Secrecy {
  const known = remembered.get(key);
  if (known !== undefined) return known;
  const secrecy = judge(key);
  if (remembered.size < MAX_REMEMBERED && key.length <= MAX_REMEMBERED_LENGTH) remembered.set(key, secrecy);
  return secrecy;
}

function judge(whole: string): Secrecy {
  const key = whole.slice(-MAX_JUDGED);
  const own = judgeWords(wordsOf(key), key);
  if (own !== "none" || !key.includes(".")) return own;
  // A flattened key is below each of its parts: `tokens.github`.
  const above = key.split(".").slice(0, -1).slice(-MAX_PARTS);
  const isBelow = above.some((part) => judgeWords(wordsOf(part), part) !== "none");
  return isBelow ? "text" : "none";
}

function judgeWords(parts: readonly string[], key: string): Secrecy {
  const secrecy = judgeName(parts, ENVIRONMENT_STYLE.test(key));
  return secrecy === "all" && parts.length > 1 && SWITCHES.has(parts[0] as string) ? "text" : secrecy;
}

function judgeName(parts: readonly string[], isEnvironment: boolean): Secrecy {
  const last = parts.at(-1) ?? "";
  const owner = parts.at(-2) ?? "";
  if (SECRET_PARTS.test(parts.join(" "))) return ABOUT_IT.has(last) ? "none" : "all";
  if (SECRET_ENDS.has(last) || OWNED_IN_ONE_WORD.test(last)) return "all";
  if (TEXT_ENDS.has(last)) return "text";
  if (last === "token") return TEXT_TOKENS.has(owner) ? "none" : "all";
  if (last === "tokens") return TOKEN_LISTS.has(owner) ? "all" : TEXT_TOKENS.has(owner) ? "none" : "text";
  if (last === "pass")
    return isCredential(owner, isEnvironment, OTHER_PASSES) ? "all" : OTHER_PASSES.has(owner) ? "none" : "text";
  if (last === "key" || last === "keys") return isCredential(owner, isEnvironment, OTHER_KEYS) ? "all" : "none";
  return "none";
}

function isCredential(owner: string, isEnvironment: boolean, others: ReadonlySet<string>): boolean {
  return !others.has(owner) && (isEnvironment || CREDENTIAL_OWNERS.has(owner));
}

/** `dbPassword2` → db, password; `DB_PASS` → db, pass; `APIKey` → api, key. */
function wordsOf(key: string): string[] {
  const parts = key
    .replace(/([a-z\d])([A-Z])/g, "$1 $2")
    .replace(/([A-Z])([A-Z][a-z])/g, "$1 $2")
    .toLowerCase()
    .split(/[^a-z\d]+/)
    .filter((word) => word !== "");
  while (parts.length > 1 && /^\d+$/.test(parts.at(-1) as string)) parts.pop();
  const last = parts.pop();
  return last === undefined ? parts : [...parts, last.replace(/(?<=[a-z])\d+$/, "")];
}
