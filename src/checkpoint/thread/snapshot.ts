/**
 * Copies a state out, into buffers that are laid out as the files will be: one memcpy for each tensor. The buffers come back
 * after the save and serve the next one, so that a run holds one copy of its state besides the state.
 * They are shared with the thread that writes, not moved: from the first buffer on that a process moves, V8 checks at every
 * access of any typed array whether it was, and a loop over weights takes twice as long (measured). V8 does not count shared
 * memory and frees it late, so buffers are let go only for a state that has outgrown them.
 */
import type { CheckpointBundle, Compression, StateTree } from "../../contract/index.js";
import type { FilePlan } from "../disk/write-files.js";
import { SUFFIX } from "../format/compression.js";
import { fill, layOut, type Layout } from "../format/safetensors.js";
import { encodeState } from "../format/state-codec.js";

export class Snapshots {
  readonly #compress: Compression;
  /** Those of the saves before. */
  #free: SharedArrayBuffer[] = [];

  constructor(compress: Compression) {
    this.#compress = compress;
  }

  /** Copies the bundle. Throws `ERR_STATE` for what cannot be saved; nothing was copied then. */
  take(bundle: CheckpointBundle): FilePlan[] {
    const layouts: [string, Layout][] = [["model.safetensors", layOut(bundle.model)]];
    if (bundle.optimizers !== undefined) layouts.push(["optimizer.safetensors", layOutOptimizers(bundle.optimizers)]);
    const run = bundle.run === undefined ? null : new TextEncoder().encode(encodeState(bundle.run));
    const buffers = this.#buffersFor(layouts.map(([, layout]) => layout.bytes));
    const plans = layouts.map(([name, layout], index): FilePlan => {
      const bytes = new Uint8Array(buffers[index] as SharedArrayBuffer, 0, layout.bytes);
      fill(layout, bytes);
      return { file: `${name}${SUFFIX[this.#compress]}`, bytes, compress: this.#compress };
    });
    if (run !== null) plans.push({ file: "run.json", bytes: run, compress: "none" });
    return plans;
  }

  /** The save is over, whatever became of it: its buffers may be filled again. */
  giveBack(plans: readonly FilePlan[]): void {
    for (const { bytes } of plans) if (bytes.buffer instanceof SharedArrayBuffer) this.#free.push(bytes.buffer);
  }

  /** For each size the smallest free buffer that is large enough. Where one is missing, those that are left over go. */
  #buffersFor(sizes: readonly number[]): SharedArrayBuffer[] {
    const found = sizes.map((bytes) => this.#takeFree(bytes));
    if (found.includes(null)) this.#free = [];
    return found.map((buffer, index) => buffer ?? new SharedArrayBuffer(sizes[index] as number));
  }

  #takeFree(bytes: number): SharedArrayBuffer | null {
    const fits = this.#free.filter(({ byteLength }) => byteLength >= bytes).sort((a, b) => a.byteLength - b.byteLength)[0];
    if (fits === undefined) return null;
    this.#free.splice(this.#free.indexOf(fits), 1);
    return fits;
  }
}

/** All optimizers in one file: tensors are named `<optimizer>/<tensor>`, and `__metadata__` lists the optimizers. */
function layOutOptimizers(optimizers: Readonly<Record<string, StateTree>>): Layout {
  const tensors = Object.entries(optimizers).flatMap(([optimizer, state]) =>
    Object.entries(state).map(([name, tensor]) => [`${escaped(optimizer)}/${name}`, tensor] as const),
  );
  return layOut(Object.fromEntries(tensors), { optimizers: JSON.stringify(Object.keys(optimizers)) });
}

/** The reverse of `layOutOptimizers`. */
export function splitOptimizers(tensors: StateTree, metadata: Readonly<Record<string, string>>): Record<string, StateTree> {
  const names = JSON.parse(metadata["optimizers"] ?? "[]") as string[];
  const states = new Map(names.map((name) => [escaped(name), [] as [string, StateTree[string]][]]));
  for (const [name, tensor] of Object.entries(tensors)) {
    const slash = name.indexOf("/");
    states.get(name.slice(0, slash))?.push([name.slice(slash + 1), tensor]);
  }
  return Object.fromEntries(names.map((name) => [name, Object.fromEntries(states.get(escaped(name)) ?? [])]));
}

/** Without slashes: the first one ends the optimizer's name. */
function escaped(optimizer: string): string {
  return optimizer.replaceAll("%", "%25").replaceAll("/", "%2F");
}
