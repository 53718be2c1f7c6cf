/** What is watched of a stream. */
interface WatchedStream {
  write(...args: never[]): unknown;
}

/** Neither may throw. */
interface WriteListeners {
  before(text: unknown): void;
  after(): void;
}

/**
 * Tells what others write to streams, before and after it is written: `console.log` in the middle of a progress bar.
 * - It takes the place of `write` of each stream from `start` to `stop`, and passes everything on.
 * - A stream whose `write` cannot be replaced is not watched.
 * - Where somebody else has taken that place meanwhile, `stop` leaves it to them: what is below them only passes on.
 */
export class WriteWatch {
  readonly #streams: ReadonlySet<WatchedStream>;
  readonly #listeners: WriteListeners;
  #undo: (() => void)[] = [];
  #isOn = false;
  #isOwn = false;

  constructor(streams: Iterable<WatchedStream>, listeners: WriteListeners) {
    this.#streams = new Set(streams);
    this.#listeners = listeners;
  }

  start(): void {
    if (this.#isOn) return;
    this.#isOn = true;
    this.#undo = [...this.#streams].map((stream) => this.#take(stream));
  }

  stop(): void {
    this.#isOn = false;
    for (const undo of this.#undo) undo();
    this.#undo = [];
  }

  /** Runs `write`, which is not told. */
  unwatched(write: () => void): void {
    const before = this.#isOwn;
    this.#isOwn = true;
    try {
      write();
    } finally {
      this.#isOwn = before;
    }
  }

  #take(stream: WatchedStream): () => void {
    const before = Object.getOwnPropertyDescriptor(stream, "write");
    const original = stream.write as (...args: unknown[]) => unknown;
    const isTold = (): boolean => this.#isOn && !this.#isOwn;
    const { before: beforeWrite, after } = this.#listeners;
    const unwatched = (work: () => void): void => this.unwatched(work);
    function watched(this: unknown, ...args: unknown[]): unknown {
      if (!isTold()) return original.apply(this, args);
      unwatched(() => beforeWrite(args[0]));
      try {
        return original.apply(this, args);
      } finally {
        unwatched(after);
      }
    }
    if (!Reflect.set(stream, "write", watched)) return () => {};
    return () => {
      if (stream.write !== watched) return;
      if (before === undefined) Reflect.deleteProperty(stream, "write");
      else Reflect.defineProperty(stream, "write", before);
    };
  }
}

/** Of what is written: only its end decides whether a line is left unfinished. */
const TAIL = 200;

/** True where `text` leaves a line that has something on it; `before` where it shows nothing. */
export function leavesLine(text: unknown, before: boolean): boolean {
  const tail =
    typeof text === "string"
      ? text.slice(-TAIL)
      : text instanceof Uint8Array
        ? new TextDecoder().decode(text.subarray(-TAIL))
        : "";
  // What clears a line leaves it empty; other control sequences, such as colors, show nothing.
  // oxlint-disable-next-line no-control-regex -- it looks for control sequences
  const shown = tail.replace(/\u001b\[[\d;?]*[A-Za-z]/g, (sequence) => (sequence.endsWith("K") ? "\r" : ""));
  return shown === "" ? before : !/[\r\n]$/.test(shown);
}
