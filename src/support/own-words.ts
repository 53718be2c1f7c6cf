import { printable } from "./printable.js";

const MAX_LENGTH = 200;

/**
 * What an object of the user's calls itself, as one line of at most 200 characters; null where `read` gives no text, or throws. For
 * names in summaries: none of them is worth a run.
 */
export function ownWords(read: () => unknown): string | null {
  try {
    const text = read();
    if (typeof text !== "string" || text === "") return null;
    const shown = printable(text);
    return shown.length > MAX_LENGTH ? `${shown.slice(0, MAX_LENGTH)}…` : shown;
  } catch {
    return null;
  }
}
