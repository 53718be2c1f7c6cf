import { join } from "node:path";
import type { RunIdentity } from "../../contract/index.js";
import type { Manifest } from "../format/manifest.js";
import { readCatalog, requireManifest, type Catalog } from "./catalog.js";
import type { CommitPlan } from "./commit-plan.js";
import type { CheckpointFiles } from "./files.js";
import { deletingName, leftoverTag, removeLeftover, retire, savingName } from "./leftovers.js";
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

  /**
   * Takes the lock, or checks that it is still held. A directory that was deleted meanwhile is made again: true then.
   * Throws `ERR_CHECKPOINT_LOCKED`, `ERR_CHECKPOINT_SAVE`.
   */
  async lock(): Promise<boolean> {
    if (this.#locking === null && this.#lock.held) {
      const isNew = await this.#lock.acquire();
      if (isNew) await this.#syncMade();
      return isNew;
    }
    await (this.#locking ??= this.#firstLock().finally(() => (this.#locking = null)));
    return false;
  }

  /** Its own directories become durable, and leftovers are removed. */
  async #firstLock(): Promise<void> {
    await this.#lock.acquire();
    await this.#syncMade();
    await removeLeftovers(this.files, this.path);
  }

  async #syncMade(): Promise<void> {
    for (const directory of this.#lock.unsynced) await this.files.syncDirectory(directory);
  }

  /** Removes what one commit of this manager left, and nothing else: another process may have the lock by now. Never rejects. */
  async removeUnfinished({ head, remove, tag }: CommitPlan): Promise<void> {
    const left = [savingName(head.name, tag), ...remove.map(({ name }) => deletingName(name, tag))];
    for (const name of left) await removeLeftover(this.files, join(this.path, name)).catch(() => undefined);
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
