import { isPromise } from "../support/promises.js";

/** The queue of an iterator of tf.data. */
interface Queue {
  isEmpty(): boolean;
  shift(): unknown;
}

/** What holds elements in an iterator of tf.data: those of `prefetch` and `shuffle`, then those of `flatmap`. */
const QUEUES = ["buffer", "outputQueue"];
/** Where an iterator of tf.data has those that it reads from. */
const SOURCES = ["upstream", "iterators", "iterator", "moreIterators"];

/**
 * Frees what an iterator of tf.data has read ahead and nobody will take: `prefetch(8)` holds 8 elements. TensorFlow.js has no way to close
 * an iterator, so the fields are those of its own classes; where a version has others, nothing is freed. Elements that are still being
 * made are freed when they come, without waiting for them.
 */
export function disposeReadAhead(iterator: unknown, dispose: (element: unknown) => void): void {
  if (typeof iterator !== "object" || iterator === null) return;
  const fields = iterator as Readonly<Record<string, unknown>>;
  if (typeof fields["next"] !== "function") {
    for (const part of Object.values(fields)) disposeReadAhead(part, dispose); // those that `zip` puts together
    return;
  }
  for (const name of QUEUES) {
    const queue = fields[name];
    while (isQueue(queue) && !queue.isEmpty()) disposeElement(queue.shift(), dispose);
  }
  for (const name of SOURCES) disposeReadAhead(fields[name], dispose);
}

function disposeElement(queued: unknown, dispose: (element: unknown) => void): void {
  if (isPromise(queued))
    queued.then(
      (result) => disposeElement(result, dispose),
      () => {},
    );
  else dispose(isResult(queued) ? queued.value : queued);
}

function isQueue(value: unknown): value is Queue {
  const queue = value as Partial<Queue> | null | undefined;
  return typeof queue?.isEmpty === "function" && typeof queue.shift === "function";
}

function isResult(value: unknown): value is { value: unknown } {
  return typeof value === "object" && value !== null && "done" in value && "value" in value;
}
