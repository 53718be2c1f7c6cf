import { join } from "node:path";
import type { RunIdentity } from "../../contract/index.js";
import type { Manifest } from "../format/manifest.js";
import { readCatalog, requireManifest, type Catalog } from "./catalog.js";
import { errorCode, type CheckpointFiles } from "./files.js";
import { deletingName, leftoverTag, removeLeftover, retire } from "./leftovers.js";
import { DirectoryLock, type LockParts } from "./lock.js";
import { visibleTo } from "./ownership.js";
import { removeLeftovers } from "./remove-leftovers.js";

interface DirectoryOptions {
  /** Whose checkpoints are seen; null: all are. */
  run?: RunIdentity | null | undefined;
  /** Gets one sentence where the lock of another process is waited for. */
  onWait?: ((message: string) => void) | undefined;
  lockParts?: Partial<LockParts> | undefined;
}

/**
 * One directory of checkpoints as one manager uses it.
 * - Reading needs no lock and changes nothing; saving and deleting need it.
 * - What dead processes left half-written is removed once the lock is held: with it, no living process writes here.
 */
export class CheckpointDirectory {
  /** Absolute. */
  readonly path: string;
  readonly files: CheckpointFiles;
  readonly #lock: DirectoryLock;
  readonly #run: RunIdentity | null;
  #locking: Promise<void> | null = null;

  constructor(path: string, files: CheckpointFiles, { run = null, onWait, lockParts }: DirectoryOptions = {}) {
    this.path = path;
    this.files = files;
    this.#run = run;
    this.#lock = new DirectoryLock(path, { run, onWait, parts: lockParts });
  }

  /** The token of the lock that this manager takes. */
  get lockToken(): string {
    return this.#lock.token;
  }

  /** The end of the names of what this manager leaves where it dies. */
  get tag(): string {
    return leftoverTag(this.lockToken, this.#run);
  }

  /**
   * What the directory contains now, also of other runs. Manifests that are `known` are not read again. Throws
   * `ERR_CHECKPOINT_DAMAGED`.
   */
  catalog(known?: ReadonlyMap<string, Manifest>): Promise<Catalog> {
    return readCatalog(this.files, this.path, known);
  }

  /** As `catalog`, without the checkpoints of other runs. */
  async visible(): Promise<Catalog> {
    return visibleTo(await this.catalog(), this.#run);
  }

  /** Takes the lock, or checks that it is still held. Throws `ERR_CHECKPOINT_LOCKED`, `ERR_CHECKPOINT_SAVE`. */
  lock(): Promise<void> {
    if (this.#lock.held) return this.#lock.acquire();
    this.#locking ??= this.#firstLock().finally(() => (this.#locking = null));
    return this.#locking;
  }

  async #firstLock(): Promise<void> {
    await this.#lock.acquire();
    for (const directory of this.#lock.unsynced) await syncIfAllowed(this.files, directory);
    await this.tidy();
  }

  /** Removes leftovers, while the lock is held. Never rejects. */
  tidy(): Promise<void> {
    return removeLeftovers(this.files, this.path);
  }

  /** Deletes one checkpoint, also a damaged one. Throws `ERR_CHECKPOINT_MISSING` when there is none of that name. */
  async delete(name: string): Promise<void> {
    const catalog = await this.visible();
    const isDamaged = catalog.problems.some(({ checkpoint }) => checkpoint === name);
    const sha256 = isDamaged ? null : requireManifest(this.path, catalog, name).sha256;
    const { tag } = this;
    if (await retire(this.files, this.path, { name, sha256, tag })) {
      await removeLeftover(this.files, join(this.path, deletingName(name, tag)));
    }
  }

  /** Releases the lock, and waits for it no longer. */
  async release(): Promise<void> {
    this.#lock.release();
    await this.#locking?.catch(() => undefined);
    this.#lock.release(); // it may have been taken meanwhile
  }
}

/** The process may not be allowed to open a directory above; its entry is then as durable as its owner makes it. */
async function syncIfAllowed(files: CheckpointFiles, directory: string): Promise<void> {
  try {
    await files.syncDirectory(directory);
  } catch (error) {
    if (errorCode(error) !== "EACCES" && errorCode(error) !== "EPERM") throw error;
  }
}
