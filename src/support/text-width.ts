/** Characters that take two cells of a terminal: East Asian wide and fullwidth (Unicode's annex 11), and emoji shown as pictures. */
const WIDE =
  /[\u1100-\u115f\u2329\u232a\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe10-\ufe19\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{16fe0}-\u{18dff}\u{1aff0}-\u{1b2ff}\u{1f200}-\u{1f2ff}\u{20000}-\u{3fffd}]|(?!\p{Regional_Indicator})\p{Emoji_Presentation}/u;
/** Characters that take none: marks on the character before, joiners, what selects a variant. */
const NONE = /[\p{Mn}\p{Me}\p{Cf}]/u;
/** Makes a picture of the character before it. */
const AS_PICTURE = "\ufe0f";

const ASCII = /^[\x20-\x7e]*$/;
const CLUSTERS = new Intl.Segmenter("en", { granularity: "grapheme" });

/**
 * How many cells of a terminal `text` takes, without control characters in it (`printable`). Of the widths that terminals give a joined
 * emoji it is the largest, so that a line that fits by it never wraps.
 */
export function textWidth(text: string): number {
  if (ASCII.test(text)) return text.length;
  let width = 0;
  for (const character of text) {
    if (character === AS_PICTURE) width++;
    else if (!NONE.test(character)) width += WIDE.test(character) ? 2 : 1;
  }
  return width;
}

/** `text` with spaces up to `width` cells, at its end or at its start. */
export function padToWidth(text: string, width: number, side: "end" | "start" = "end"): string {
  const spaces = " ".repeat(Math.max(0, width - textWidth(text)));
  return side === "end" ? `${text}${spaces}` : `${spaces}${text}`;
}

/** The beginning of `text` that takes at most `width` cells; no character is split. */
export function startOfWidth(text: string, width: number): string {
  if (ASCII.test(text)) return text.slice(0, Math.max(0, width));
  let [taken, length] = [0, 0];
  for (const { segment } of CLUSTERS.segment(text)) {
    taken += textWidth(segment);
    if (taken > width) break;
    length += segment.length;
  }
  return text.slice(0, length);
}

/** The first character of `text`, with all its parts. */
export function firstCharacter(text: string): string {
  for (const { segment } of CLUSTERS.segment(text)) return segment;
  return "";
}

/** `text` in at most `width` cells; what is cut off is an ellipsis. */
export function cutToWidth(text: string, width: number): string {
  return textWidth(text) <= width ? text : width < 1 ? "" : `${startOfWidth(text, width - 1)}…`;
}
