/** Controls (C0, DEL, C1), line and paragraph separators, marks and overrides of direction, and halves of surrogate pairs. */
const UNPRINTABLE = /[\p{Cc}\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\p{Cs}]/gu;

/**
 * `text` with every character that could control a terminal escaped: `\x1b`, `\u202e`. Newlines and tabs too (`\n`, `\t`), so that the
 * result is one line. For names, paths and messages that came from a user, a file or a server.
 */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, escaped);
}

/** `printable`, where the line breaks are ours: lines stay lines. */
export function printableLines(text: string): string {
  return text.split("\n").map(printable).join("\n");
}

/** `value` as JSON that is safe for a terminal: what `printable` would escape is `\u009b` in its strings. */
export function printableJson(value: unknown): string {
  return JSON.stringify(value, null, 2).replace(UNPRINTABLE, (character) =>
    character === "\n" ? character : unicode(character),
  );
}

function unicode(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

function escaped(character: string): string {
  if (character === "\n") return "\\n";
  if (character === "\r") return "\\r";
  if (character === "\t") return "\\t";
  const code = character.charCodeAt(0);
  return code <= 0xff ? `\\x${code.toString(16).padStart(2, "0")}` : unicode(character);
}
