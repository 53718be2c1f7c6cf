/** What counts as a secret: by the name of its key, and inside of text. */

/** What is written in place of a secret. */
export const HIDDEN = "***";

const SECRET_LAST_WORDS: ReadonlySet<string> = new Set(["token", "pwd", "passwd", "pat", "bearer", "cookie"]);
const SECRET_PARTS = /secret|password|passphrase|apikey|accesskey|privatekey|authorization|credential/;

/** Keys whose answer is kept: records repeat theirs. Longer ones are judged each time. */
const MAX_REMEMBERED = 10_000;
const MAX_REMEMBERED_LENGTH = 250;
const remembered = new Map<string, boolean>();

/**
 * True for keys such as `token`, `apiKey`, `TRACKING_PASSWORD`, `clientSecret`; false for `tokens`, `maxTokens`, `tokenizer` and for
 * metrics such as `loss_per_token`.
 */
export function isSecretKey(key: string): boolean {
  const known = remembered.get(key);
  if (known !== undefined) return known;
  const isSecret = judgeKey(key);
  if (remembered.size < MAX_REMEMBERED && key.length <= MAX_REMEMBERED_LENGTH) remembered.set(key, isSecret);
  return isSecret;
}

function judgeKey(key: string): boolean {
  const words = key
    .replace(/([a-z\d])([A-Z])/g, "$1 $2")
    .toLowerCase()
    .split(/[^a-z\d]+/);
  if (SECRET_LAST_WORDS.has(words.at(-1) ?? "") && words.at(-2) !== "per") return true;
  return SECRET_PARTS.test(words.join(""));
}

/** What a text has where one of the patterns below may match: most texts have none of it, and are searched once. */
const SUSPECT = /:\/\/|[?&;]|(?:bearer|basic) /i;
// None of these matches text of unbounded length, so that long text takes linear time.
const USERINFO = /:\/\/[^\s/?#"'<>]{1,512}@/g;
const PASSWORD_WITH_SLASHES = /:\/\/[^\s/?#:@"'<>]{0,256}:(?!\d{1,5}[/?#])[^\s@"'<>]{1,256}@/g;
const QUERY = /([?&;])([\w.-]{1,64})=([^&;\s#"'<>]{1,4096})/g;
const BEARER = /\b(bearer|basic) [\w.~+/=-]{8,}/gi;

/** `text` without the user and password of URIs, secret query parameters, and bearer tokens: with `***` in their place. */
export function redactText(text: string): string {
  if (!SUSPECT.test(text)) return text;
  return text
    .replace(USERINFO, `://${HIDDEN}@`)
    .replace(PASSWORD_WITH_SLASHES, `://${HIDDEN}@`)
    .replace(QUERY, (whole, mark: string, key: string) => (isSecretParameter(key) ? `${mark}${key}=${HIDDEN}` : whole))
    .replace(BEARER, (_whole, scheme: string) => `${scheme} ${HIDDEN}`);
}

function isSecretParameter(key: string): boolean {
  return isSecretKey(key) || /^(key|sig|signature|auth)$/i.test(key) || /signature$/i.test(key);
}
