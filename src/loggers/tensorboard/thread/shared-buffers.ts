/**
 * Memory that the thread and its caller share, used again and again.
 * Shared, not moved: from the first buffer on that a process moves to a thread, V8 checks at every access of any typed array
 * whether it was, and a loop over weights takes twice as long (measured). Used again: a fresh buffer costs more than the copy.
 */
const MAX_SPARE_BYTES = 32 * 1024 * 1024;
const SMALLEST = 4096;

export class SharedBuffers {
  /** By size; the size that was used last is last. */
  readonly #spare = new Map<number, SharedArrayBuffer[]>();
  #spareBytes = 0;

  /** At least so many bytes, at most a quarter more: arrays of nearly one size share their buffers. */
  take(bytes: number): SharedArrayBuffer {
    const size = roundedUp(bytes);
    const buffer = this.#spare.get(size)?.pop();
    if (buffer === undefined) return new SharedArrayBuffer(size);
    this.#spareBytes -= size;
    return buffer;
  }

  /** A buffer that nobody uses any more. Of more than 32 MiB, those of sizes that were not used for long go. */
  giveBack(buffer: SharedArrayBuffer): void {
    const { byteLength } = buffer;
    const alike = this.#spare.get(byteLength) ?? [];
    this.#spare.delete(byteLength);
    this.#spare.set(byteLength, alike);
    alike.push(buffer);
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

  clear(): void {
    this.#spare.clear();
    this.#spareBytes = 0;
  }
}

/** To one of four sizes between two powers of two. */
function roundedUp(bytes: number): number {
  if (bytes <= SMALLEST) return SMALLEST;
  const quarter = 2 ** (Math.floor(Math.log2(bytes)) - 2);
  return Math.ceil(bytes / quarter) * quarter;
}
