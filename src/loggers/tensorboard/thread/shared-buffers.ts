const MAX_SPARE_BYTES = 32 * 1024 * 1024;
const SMALLEST = 4096;

/**
 * Memory that the thread and its caller share, and that is reused.
 * - Shared, not transferred: once a process has transferred a buffer, V8 checks at every access to any typed array whether its
 *   buffer is detached, and a loop over weights takes twice as long (measured).
 * - Reused: allocating a new buffer takes longer than the copy.
 * - At most 32 MiB are kept; past that, buffers of the sizes that were unused for longest are freed.
 */
export class SharedBuffers {
  /** By size; the size that was used last is last. */
  readonly #spare = new Map<number, SharedArrayBuffer[]>();
  #spareBytes = 0;

  /** A buffer of at least `bytes`, and at most a quarter more: arrays of similar sizes share buffers. */
  acquire(bytes: number): SharedArrayBuffer {
    const size = roundedUp(bytes);
    const buffer = this.#spare.get(size)?.pop();
    if (buffer === undefined) return new SharedArrayBuffer(size);
    this.#spareBytes -= size;
    return buffer;
  }

  /** Keeps a buffer that is no longer used for a later `acquire`. */
  release(buffer: SharedArrayBuffer): void {
    const { byteLength } = buffer;
    const sameSize = this.#spare.get(byteLength) ?? [];
    this.#spare.delete(byteLength);
    this.#spare.set(byteLength, sameSize);
    sameSize.push(buffer);
    this.#spareBytes += byteLength;
    for (const [size, oldest] of this.#spare) {
      if (this.#spareBytes <= MAX_SPARE_BYTES) return;
      while (oldest.length > 0 && this.#spareBytes > MAX_SPARE_BYTES) {
        oldest.pop();
        this.#spareBytes -= size;
      }
      if (oldest.length === 0) this.#spare.delete(size);
    }
  }

  /** Frees the buffers that are kept. */
  clear(): void {
    this.#spare.clear();
    this.#spareBytes = 0;
  }
}

/** Rounds up to one of four sizes between two powers of two. */
function roundedUp(bytes: number): number {
  if (bytes <= SMALLEST) return SMALLEST;
  const quarter = 2 ** (Math.floor(Math.log2(bytes)) - 2);
  return Math.ceil(bytes / quarter) * quarter;
}
