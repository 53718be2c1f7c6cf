/** Loaders of small labelled batches, in every form a source may take. */
import type { DataLoader, StateValue } from "../../src/contract/index.js";

export type SourceKind = "array" | "sync" | "async" | "syncOfPromises";
export const SOURCE_KINDS: readonly SourceKind[] = ["array", "sync", "async", "syncOfPromises"];

export interface LabelledOptions {
  kind: SourceKind;
  batches: number;
  /** Saves and restores its position itself. */
  stateful?: boolean;
  /** Says its length. Default true. */
  sized?: boolean;
  /** Never ends. */
  infinite?: boolean;
}

/** Batches named `<name><pass>.<index>`; arrays have no pass: `<name>.<index>`. */
export function labelled(name: string, options: LabelledOptions): DataLoader<string> | readonly string[] {
  const { kind, batches } = options;
  if (kind === "array") return Array.from({ length: batches }, (_, index) => `${name}.${index}`);
  let position = { pass: -1, taken: 0 };
  let resume: typeof position | null = null;
  function* labels(pass: number): Generator<string> {
    const from = resume?.pass === pass ? resume.taken : 0;
    resume = null;
    for (let index = from; options.infinite === true || index < batches; index++) {
      position = { pass, taken: index + 1 };
      yield `${name}${pass}.${index}`;
    }
  }
  async function* later(pass: number): AsyncGenerator<string> {
    for (const label of labels(pass)) yield await Promise.resolve(label);
  }
  function* promised(pass: number): Generator<Promise<string>> {
    for (const label of labels(pass)) yield Promise.resolve(label);
  }
  const make = { sync: labels, async: later, syncOfPromises: promised }[kind] as (
    pass: number,
  ) => Iterable<string> | AsyncIterable<string>;
  const loader: DataLoader<string> = {
    batches: make,
    ...(options.infinite === true ? { length: Infinity } : options.sized === false ? {} : { length: batches }),
  };
  if (options.stateful !== true) return loader;
  return {
    ...loader,
    state: () => ({ ...(resume ?? position) }),
    loadState: (state: StateValue) => {
      resume = { ...(state as typeof position) };
    },
  };
}
