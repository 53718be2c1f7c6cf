import type { ResolvedMultiDataLoaderConfig } from "../contract/index.js";
import type { LoaderEntry } from "./source.js";
import { drawn } from "./weights.js";

/**
 * Which loaders may be drawn in an epoch, and when the exhausted ones end it. The end of an infinite loader is not waited for, except by
 * `sequential`.
 */
export class EpochEnd {
  /** 1 for a loader that may be drawn now. */
  readonly open: Uint8Array;
  readonly #exhaustion: ResolvedMultiDataLoaderConfig["exhaustion"];
  /** 1 for a loader that is drawn at all. */
  readonly #drawn: Uint8Array;
  /** 1 for a loader whose end the epoch waits for. */
  readonly #awaited: Uint8Array;
  /** 1 for a loader that came to its end in this epoch. */
  readonly #finished: Uint8Array;
  #openCount = 0;
  #unfinished = Infinity;

  constructor(config: ResolvedMultiDataLoaderConfig, entries: readonly LoaderEntry<unknown>[]) {
    const isSequential = config.samplingStrategy === "sequential";
    this.#exhaustion = config.exhaustion;
    this.#drawn = Uint8Array.from(drawn(config, entries), Number);
    this.#awaited = this.#drawn.map((isDrawn, index) => (isSequential || entries[index]?.length !== Infinity ? isDrawn : 0));
    this.#finished = new Uint8Array(entries.length);
    this.open = new Uint8Array(entries.length);
    this.begin();
  }

  /** True when each loader that is waited for came to its end. */
  get allFinished(): boolean {
    return this.#unfinished === 0;
  }

  /** Begins an epoch. */
  begin(): void {
    this.#finished.fill(0);
    this.open.set(this.#drawn);
    this.#openCount = sum(this.#drawn);
    this.#unfinished = sum(this.#awaited) || Infinity;
  }

  /** Loader `index` gave its last batch. */
  finish(index: number): void {
    if (this.#finished[index] === 1) return;
    this.#finished[index] = 1;
    if (this.#awaited[index] === 1) this.#unfinished--;
  }

  /** Loader `index`, which is finished, was found exhausted: true where that ends the epoch. */
  endsWith(index: number): boolean {
    switch (this.#exhaustion) {
      case "stopAtShortest":
        return true;
      case "stopAtLongest":
        return this.allFinished;
      case "stopAtAll":
        if (this.open[index] === 1) this.#openCount--;
        this.open[index] = 0;
        return this.allFinished || this.#openCount === 0;
    }
  }

  /** 1 for each loader that came to its end in this epoch. */
  state(): number[] {
    return [...this.#finished];
  }
}

function sum(flags: Uint8Array): number {
  return flags.reduce((total, flag) => total + flag, 0);
}
