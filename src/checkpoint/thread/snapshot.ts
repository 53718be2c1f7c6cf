import type { CheckpointBundle, Compression } from "../../contract/index.js";
import type { FilePlan } from "../disk/write-files.js";
import { SUFFIX } from "../format/compression.js";
import { layOutOptimizers } from "../format/optimizer-file.js";
import { fill, layOut, type Layout } from "../format/safetensors.js";
import { encodeState } from "../format/state-codec.js";

/**
 * Copies states into buffers that are laid out as the files will be: one memcpy for each tensor. The buffers are reused by the
 * next save, so that a run holds one copy of its state besides the state.
 * They are shared with the thread that writes, not transferred: after a process has transferred its first buffer, V8 checks at
 * every access of any typed array whether it is detached, and a loop over weights takes twice as long (measured). V8 does not
 * count shared memory and frees it late, so buffers are dropped only when a state needs larger ones.
 */
export class Snapshots {
  readonly #compress: Compression;
  /** The buffers of ended saves. */
  #free: SharedArrayBuffer[] = [];

  constructor(compress: Compression) {
    this.#compress = compress;
  }

  /** Copies the bundle. Throws `ERR_STATE` for a value that cannot be saved; nothing was copied then. */
  copy(bundle: CheckpointBundle): FilePlan[] {
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

  /** After the save has ended, in any way: its buffers may be filled again. */
  release(plans: readonly FilePlan[]): void {
    for (const { bytes } of plans) if (bytes.buffer instanceof SharedArrayBuffer) this.#free.push(bytes.buffer);
  }

  /** For each size the smallest free buffer that is large enough. When one is missing, the other free ones are dropped. */
  #buffersFor(sizes: readonly number[]): SharedArrayBuffer[] {
    const found = sizes.map((bytes) => this.#reuse(bytes));
    if (found.includes(null)) this.#free = [];
    return found.map((buffer, index) => buffer ?? new SharedArrayBuffer(sizes[index] as number));
  }

  #reuse(bytes: number): SharedArrayBuffer | null {
    const fits = this.#free.filter(({ byteLength }) => byteLength >= bytes).sort((a, b) => a.byteLength - b.byteLength)[0];
    if (fits === undefined) return null;
    this.#free.splice(this.#free.indexOf(fits), 1);
    return fits;
  }
}
