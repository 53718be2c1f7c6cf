import { dirname, join } from "node:path";
import type { Manifest } from "../format/manifest.js";
import { readCatalog, requireManifest, type Catalog } from "./catalog.js";
import type { CheckpointFiles } from "./files.js";
import { deletingName, removeLeftover, retire } from "./leftovers.js";
import { DirectoryLock } from "./lock.js";
import { removeLeftovers } from "./remove-leftovers.js";

/**
 * One directory of checkpoints as one manager uses it.
 * - What dead processes left half-written is removed before the directory is first read, and again with the lock.
 * - Reading needs no lock; saving and deleting need it.
 */
export class CheckpointDirectory {
  /** Absolute. */
  readonly path: string;
  readonly files: CheckpointFiles;
  readonly #lock: DirectoryLock;
  readonly #tidied: Promise<void>;

  constructor(path: string, files: CheckpointFiles) {
    this.path = path;
    this.files = files;
    this.#lock = new DirectoryLock(path);
    this.#tidied = removeLeftovers(files, path, false);
  }

  /** What the directory contains now. Manifests that are `known` are not read again. Throws `ERR_CHECKPOINT_DAMAGED`. */
  async catalog(known?: ReadonlyMap<string, Manifest>): Promise<Catalog> {
    await this.#tidied;
    return readCatalog(this.files, this.path, known);
  }

  /**
   * Takes the lock, or checks that it is still held. A directory that was deleted meanwhile is made again: true then.
   * Throws `ERR_CHECKPOINT_LOCKED`, `ERR_CHECKPOINT_SAVE`.
   */
  async lock(): Promise<boolean> {
    await this.#tidied;
    const first = !this.#lock.held;
    const isNew = !first && (await this.#makeAgain());
    this.#lock.acquire();
    if (first) await this.#settle();
    return isNew;
  }

  /** True when the directory had to be made. */
  async #makeAgain(): Promise<boolean> {
    const top = await this.files.makeDirectories(this.path);
    if (top === undefined) return false;
    for (let made = this.path; ; made = dirname(made)) {
      await this.files.syncDirectory(dirname(made));
      if (made === top || made === dirname(made)) return true;
    }
  }

  /** With the first lock: its own directories become durable, and leftovers are removed. */
  async #settle(): Promise<void> {
    for (const directory of this.#lock.unsynced) await this.files.syncDirectory(directory);
    await this.tidy();
  }

  /** Removes leftovers, while the lock is held. Never rejects. */
  tidy(): Promise<void> {
    return removeLeftovers(this.files, this.path, true);
  }

  /** Deletes one checkpoint, also a damaged one. Throws `ERR_CHECKPOINT_MISSING` when there is none of that name. */
  async delete(name: string): Promise<void> {
    const catalog = await this.catalog();
    const isDamaged = catalog.problems.some(({ checkpoint }) => checkpoint === name);
    const sha256 = isDamaged ? null : requireManifest(this.path, catalog, name).sha256;
    const { pid } = process;
    if (await retire(this.files, this.path, { name, sha256, pid })) {
      await removeLeftover(this.files, join(this.path, deletingName(name, pid)));
    }
  }

  /** Releases the lock, if it is held. */
  async release(): Promise<void> {
    await this.#tidied;
    if (this.#lock.held) this.#lock.release();
  }
}
