import type { LoaderSetup } from "../contract/index.js";
import { messageOf } from "../support/errors.js";
import { valueText } from "../support/value-text.js";
import type { LoaderEntry } from "./source.js";

/** What a loader says of itself, for summaries. What is no count is warned about and left out: it would fail no run. */
export function setupOfLoader({ name, source, length }: LoaderEntry<unknown>, warn: (message: string) => void): LoaderSetup {
  const batches = length === null || !Number.isFinite(length) ? null : length;
  return { name, batches, samples: countOf("samples"), batchSize: countOf("batchSize") };

  function countOf(key: "samples" | "batchSize"): number | null {
    if (Array.isArray(source)) return null;
    try {
      const count: unknown = (source as Partial<Record<typeof key, unknown>>)[key];
      if (count === undefined || count === null || count === Infinity) return null;
      if (Number.isSafeInteger(count) && (count as number) > 0) return count as number;
      warn(`The ${key} of loader "${name}" is ${valueText(count)}, not a count of samples, and is left out of summaries.`);
    } catch (error) {
      warn(`The ${key} of loader "${name}" could not be read (${messageOf(error)}), and is left out of summaries.`);
    }
    return null;
  }
}
