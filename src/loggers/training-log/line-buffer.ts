/** Lines that wait for the disk: first in, first out, bounded. */
export class LineBuffer {
  #lines: Buffer[] = [];
  /** How many records each line holds. */
  #records: number[] = [];
  #pending = 0;
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

  /** Records in the lines that wait. */
  get records(): number {
    return this.#pending;
  }

  /** Adds a line that holds `records`; returns how many records were dropped for it, with the oldest lines. */
  push(line: string, records: number = 1): number {
    const bytes = Buffer.from(line);
    this.#lines.push(bytes);
    this.#records.push(records);
    this.#pending += records;
    this.#bytes += bytes.length;
    let lost = 0;
    while (this.#bytes > this.#maxBytes && this.lines > 1) {
      lost += this.drop(1);
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

  /** Removes the first `lines` lines; returns how many records they held. */
  drop(lines: number): number {
    let records = 0;
    for (let i = this.#head; i < this.#head + lines; i++) {
      this.#bytes -= (this.#lines[i] as Buffer).length;
      records += this.#records[i] as number;
    }
    this.#pending -= records;
    this.#head += lines;
    if (this.#head === this.#lines.length) {
      this.#lines = [];
      this.#records = [];
      this.#head = 0;
    } else if (this.#head > 1024) {
      this.#lines = this.#lines.slice(this.#head);
      this.#records = this.#records.slice(this.#head);
      this.#head = 0;
    }
    return records;
  }
}
