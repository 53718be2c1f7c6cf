/** `conv2d_Conv2D12`: prefix, class, number. */
const AUTOMATIC = /^(.+)_([A-Z]\w*?)(\d+)$/;

interface Automatic {
  stem: string;
  className: string;
  number: number;
}

function automatic(segment: string): Automatic | null {
  const match = AUTOMATIC.exec(segment);
  if (match === null) return null;
  const [, prefix = "", className = "", digits = ""] = match;
  if (!prefix.replaceAll("_", "").endsWith(className.toLowerCase())) return null;
  return { stem: `${prefix}_${className}`, className, number: Number(digits) };
}

/**
 * A function that makes names independent of what else was built in this process. TensorFlow.js numbers unnamed layers by a counter of
 * the process (`dense_Dense1`, and `dense_Dense3` for the same model built a second time); a checkpoint must fit both. In every segment of
 * a name (`sequential_1/dense_Dense3/kernel`) the number becomes its rank among `names`, which in a new process is what it already is.
 * Names that a user gave stay as they are.
 */
export function renumbering(names: Iterable<string>): (name: string) => string {
  const numbers = new Map<string, Set<number>>();
  for (const segment of [...names].flatMap((name) => name.split("/"))) {
    const found = automatic(segment);
    if (found === null) continue;
    const seen = numbers.get(found.className) ?? new Set<number>();
    numbers.set(found.className, seen.add(found.number));
  }
  const ranks = new Map<string, Map<number, number>>();
  for (const [className, seen] of numbers) {
    const sorted = [...seen].sort((a, b) => a - b);
    ranks.set(className, new Map(sorted.map((number, index) => [number, index + 1])));
  }
  const renumber = (segment: string): string => {
    const found = automatic(segment);
    const rank = found === null ? undefined : ranks.get(found.className)?.get(found.number);
    return found === null || rank === undefined ? segment : `${found.stem}${rank}`;
  };
  return (name) => name.split("/").map(renumber).join("/");
}
