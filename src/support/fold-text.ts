import { firstCharacter, startOfWidth, textWidth } from "./text-width.js";

/** A part of a long word, up to a character after which a path or an address may be broken. */
const PARTS = /[^/\\,;&?=]*[/\\,;&?=]+|[^/\\,;&?=]+/g;

/**
 * `text` as lines of at most `width` cells, the first of at most `first`: broken between words. A word that is longer than a line is broken
 * after a `/` or another separator where it has one, else where the line ends.
 */
export function foldText(text: string, width: number, first: number = width): string[] {
  if (textWidth(text) <= first) return [text];
  const lines: string[] = [];
  let line = "";
  const room = (): number => Math.max(1, lines.length === 0 ? first : width);
  const breakLine = (): void => {
    lines.push(line.trimEnd());
    line = "";
  };
  const add = (piece: string): boolean => {
    const next = line + (line === "" ? piece.trimStart() : piece);
    if (textWidth(next) > room()) return false;
    line = next;
    return true;
  };
  for (const [word] of text.matchAll(/\s*\S+/g)) {
    if (add(word)) continue;
    if (line !== "") breakLine();
    if (add(word)) continue;
    for (const [part] of word.trimStart().matchAll(PARTS)) {
      if (add(part)) continue;
      if (line !== "") breakLine();
      let rest = part;
      while (!add(rest)) {
        line = startOfWidth(rest, room()) || firstCharacter(rest);
        rest = rest.slice(line.length);
        breakLine();
      }
    }
  }
  if (line !== "") breakLine();
  return lines;
}
