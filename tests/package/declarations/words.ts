const ARTICLES = new Set(["a", "an", "the", "this", "that", "its", "of"]);

/** The words of a text or of a name in camel case, in lower case and without a plural's s. */
function wordsOf(text: string): string[] {
  const spaced = text.replaceAll(/([a-z\d])([A-Z])/g, "$1 $2").replaceAll(/[^\p{L}\p{N}]+/gu, " ");
  return spaced
    .toLowerCase()
    .split(" ")
    .filter(Boolean)
    .map((word) => word.replace(/(?<=\w{2})s$/, ""));
}

/** True for a comment with at least three words beyond `name` and articles: one that only repeats the name says nothing. */
export function saysSomething(comment: string, name: string): boolean {
  const known = new Set([...wordsOf(name), ...ARTICLES]);
  return wordsOf(comment).filter((word) => !known.has(word)).length >= 3;
}
