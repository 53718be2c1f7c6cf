import { relative, sep } from "node:path";
import { redactText } from "../../config/redact.js";
import { printable } from "../../support/printable.js";
import { oneLine } from "./one-line.js";

/** A name or a message of others on one line: without secrets, and safe for a terminal. */
export function shownText(text: string): string {
  return oneLine(redactText(text));
}

/** A path as people read and copy it: from the working directory where it is in it, else absolute. */
export function shownPath(path: string): string {
  const fromHere = relative(process.cwd(), path);
  const isInside = fromHere !== "" && fromHere !== ".." && !fromHere.startsWith(`..${sep}`);
  return printable(redactText(isInside ? fromHere : path));
}

/** True for the address of a server, false for a path. */
export function isAddress(location: string): boolean {
  return /^\w+:\/\//.test(location);
}

/** The words of a command as they are typed in a shell. */
export function shownCommand(words: readonly string[]): string {
  return words.map((word) => shellWord(shownPathIn(word))).join(" ");
}

function shownPathIn(word: string): string {
  return word.startsWith(sep) ? shownPath(word) : printable(redactText(word));
}

function shellWord(word: string): string {
  return /^[\w./:=@%+,-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/** `8,000`: how many, for people. */
export function countText(count: number): string {
  return count.toLocaleString("en-US");
}

/** `1 batch`, `8,000 batches`. */
export function counted(count: number, one: string, many: string = `${one}s`): string {
  return `${countText(count)} ${count === 1 ? one : many}`;
}
