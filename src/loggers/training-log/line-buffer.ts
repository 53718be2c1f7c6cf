/** Lines that wait for the disk: first in, first out, bounded. */
export class LineBuffer {
  #lines: Buffer[] = [];
  #head = 0;
  #bytes = 0;
  readonly #maxBytes: number;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Lines that wait. */
  get lines(): number {
    return this.#lines.length - this.#head;
  }

  /** Adds a line; returns how many of the oldest lines were dropped for it. */
  push(line: string): number {
    const bytes = Buffer.from(line);
    this.#lines.push(bytes);
    this.#bytes += bytes.length;
    let lost = 0;
    while (this.#bytes > this.#maxBytes && this.lines > 1) {
      this.#shift(1);
      lost++;
    }
    return lost;
  }

  /** The first lines that fit into `room` bytes together; the first one always, when `force` is set. */
  peek(room: number, force: boolean): { lines: number; bytes: Buffer } {
    let end = this.#head;
    let size = 0;
    while (end < this.#lines.length) {
      const next = (this.#lines[end] as Buffer).length;
      if (size + next > room && !(force && end === this.#head)) break;
      size += next;
      end++;
    }
    const lines = end - this.#head;
    if (lines === 1) return { lines, bytes: this.#lines[this.#head] as Buffer };
    return { lines, bytes: Buffer.concat(this.#lines.slice(this.#head, end), size) };
  }

  /** Removes the first `lines` lines. */
  drop(lines: number): void {
    this.#shift(lines);
  }

  #shift(lines: number): void {
    for (let i = 0; i < lines; i++) this.#bytes -= (this.#lines[this.#head + i] as Buffer).length;
    this.#head += lines;
    if (this.#head === this.#lines.length) {
      this.#lines = [];
      this.#head = 0;
    } else if (this.#head > 1024) {
      this.#lines = this.#lines.slice(this.#head);
      this.#head = 0;
    }
  }
}
