import type {
  CheckpointBundle,
  CheckpointInfo,
  CheckpointOptions,
  CheckpointProblem,
  LoadedCheckpoint,
  SaveDetails,
  SaveTicket,
} from "../contract/index.js";
import { valueText } from "../support/value-text.js";
import { CheckpointDirectory } from "./disk/directory.js";
import { nodeFiles } from "./disk/files.js";
import { closedError, saveError } from "./errors.js";
import { settingsOf } from "./options.js";
import { CheckpointReader } from "./reader.js";
import { SaveQueue } from "./save-queue.js";
import { checkSave } from "./save-request.js";
import { CheckpointSaver } from "./saver.js";
import type { TestDoubles } from "./test-doubles.js";
import { ThreadWriter } from "./thread/writer.js";

/**
 * Saves and loads the checkpoints of one directory.
 * - Durable: once `committed` resolves, the checkpoint survives the death of the process and of the machine.
 * - In the background: `save` copies the state before it returns when nothing else is being saved. Hashing, compression and
 *   writing happen on another thread. Memory: one more copy of the state.
 * - One save at a time: an important request waits for its turn; of the others only the newest waits.
 * - A failed save rejects its `committed`. Every earlier checkpoint is unchanged, and the next save works again.
 * - Only checkpoints are ever deleted, after the commit of a newer one. Files of other programs are not touched.
 * - One writer: the first save locks the directory for this manager. Loading needs no lock and changes nothing. A manager that has
 *   lost its lock saves and deletes nothing more.
 * - Ownership: with `run`, the checkpoints of other runs in the directory are never listed, loaded, ranked, replaced or deleted.
 * - Verified: loading compares sizes and SHA-256 with the manifest. A damaged checkpoint is skipped with a warning.
 */
export class CheckpointManager {
  readonly #directory: CheckpointDirectory;
  readonly #reader: CheckpointReader;
  readonly #saver: CheckpointSaver;
  readonly #queue: SaveQueue;
  #closed: Promise<void> | null = null;

  /**
   * Checks the options and opens nothing: the directory is made, and locked, by the first save, which also removes what a dead
   * process left half-written in it.
   * Throws `ERR_CONFIG`, with everything that is wrong with the options, or `ERR_MODE_REQUIRED` when `mode` is missing for a
   * metric that is better when it is higher.
   */
  constructor(options: CheckpointOptions);
  /** @internal */
  constructor(options: CheckpointOptions, doubles?: TestDoubles);
  constructor(options: CheckpointOptions, doubles: TestDoubles = {}) {
    const settings = settingsOf(options);
    const { files = nodeFiles, writer = new ThreadWriter(), now = () => new Date(), lockParts } = doubles;
    const { dir, run, warn } = settings;
    this.#directory = new CheckpointDirectory(dir, files, { run, onWait: warn, lockParts });
    this.#reader = new CheckpointReader(this.#directory, settings);
    this.#saver = new CheckpointSaver(this.#directory, settings, writer, now);
    this.#queue = new SaveQueue((job) => this.#saver.save(job));
  }

  /** The directory of the checkpoints, absolute. */
  get dir(): string {
    return this.#directory.path;
  }

  /** True while a save is running: a new one would wait. */
  get busy(): boolean {
    return this.#queue.busy;
  }

  /**
   * Saves a state under the name that `filename` makes of `at`. When nothing else is being saved the state has been copied when
   * this returns; otherwise await `captured` before the model changes.
   * Throws nothing: `committed` rejects with `ERR_CHECKPOINT_SAVE`, which names the file, what was being done to it and the
   * cause (with its `code`, such as `ENOSPC`), or what is wrong with the bundle or `at`; or with `ERR_CHECKPOINT_LOCKED`.
   */
  save(bundle: CheckpointBundle, at: SaveDetails): SaveTicket {
    try {
      this.#checkOpen();
      checkSave(bundle, at);
      return this.#queue.add(bundle, at);
    } catch (error) {
      const committed = Promise.reject(saveError(`step ${valueText(at?.step)}`, error));
      committed.catch(() => undefined);
      return { captured: Promise.resolve(), committed };
    }
  }

  /**
   * Locks the directory for this manager now rather than with the first save, so that a run is refused before its first step. Where
   * another process has the lock, it is watched until it is known whether that process lives: 2 s, as a rule; a lock without a sign
   * of life is taken over after a minute.
   * Rejects with `ERR_CHECKPOINT_LOCKED`, which names the process and host that hold it, or with `ERR_CHECKPOINT_SAVE` when the
   * lock cannot be written or the manager is closed.
   */
  async lock(): Promise<void> {
    this.#checkOpen();
    await this.#directory.lock();
  }

  /**
   * Loads the newest good checkpoint, or null where there is none. Damaged ones are skipped with a warning.
   * Rejects with `ERR_CHECKPOINT_DAMAGED`, which lists every problem, when there are checkpoints and none is good.
   */
  loadLast(): Promise<LoadedCheckpoint | null> {
    return this.#reader.loadLast();
  }

  /**
   * Loads the best good checkpoint by `monitor`, or null where none is ranked. Damaged ones are skipped with a warning.
   * Rejects with `ERR_CHECKPOINT_DAMAGED`, which lists every problem, when every one that could be the best is damaged.
   */
  loadBest(): Promise<LoadedCheckpoint | null> {
    return this.#reader.loadBest();
  }

  /**
   * Loads one checkpoint by its name. Rejects with `ERR_CHECKPOINT_MISSING`, which names the nearest one, or with
   * `ERR_CHECKPOINT_DAMAGED`.
   */
  load(name: string): Promise<LoadedCheckpoint> {
    return this.#reader.load(name);
  }

  /** Lists every checkpoint with a good manifest, oldest first. The other files are not read: `verify` does that. */
  list(): Promise<CheckpointInfo[]> {
    return this.#reader.list();
  }

  /**
   * Reads one checkpoint, or all of them, and lists every problem: files that are missing or differ from the manifest. Empty when
   * all are good. Rejects with `ERR_CHECKPOINT_MISSING` when there is none of that name.
   */
  verify(name?: string): Promise<CheckpointProblem[]> {
    return this.#reader.verify(name);
  }

  /**
   * Deletes one checkpoint, also a damaged one, after the saves that run or wait. A directory without a manifest may belong to
   * another program and is not deleted.
   * Rejects with `ERR_CHECKPOINT_MISSING`, with `ERR_CHECKPOINT_LOCKED` when another process or manager holds the directory, or with
   * `ERR_CHECKPOINT_SAVE` when the manager is closed.
   */
  async remove(name: string): Promise<void> {
    this.#checkOpen();
    await this.#queue.idle();
    this.#checkOpen();
    await this.#directory.lock();
    await this.#directory.delete(name);
  }

  /**
   * Writes the weights of one checkpoint, verified and uncompressed, to `file` in the safetensors format. An existing file is
   * replaced at once: a reader sees the old one or the new one.
   * Rejects with `ERR_CHECKPOINT_MISSING` or `ERR_CHECKPOINT_DAMAGED`, or with `ERR_CHECKPOINT_SAVE` when `file` cannot be written.
   */
  exportSafetensors(name: string, file: string): Promise<void> {
    return this.#reader.exportWeights(name, file);
  }

  /** Resolves when no save runs or waits. Never rejects: each ticket reports its own save. */
  flush(): Promise<void> {
    return this.#queue.idle();
  }

  /** Waits for the saves, ends the thread and releases the lock. To save, lock or remove later is refused; loading still works. Never rejects. */
  close(): Promise<void> {
    return (this.#closed ??= this.#close());
  }

  /** Closes the manager at the end of an `await using` block. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** What takes the lock after `close` would never release it. */
  #checkOpen(): void {
    if (this.#closed !== null) throw closedError();
  }

  async #close(): Promise<void> {
    await this.#queue.idle();
    await this.#saver.close();
    await this.#directory.release();
  }
}
