/**
 * Saves and loads the checkpoints of one directory.
 * - A checkpoint that `committed` tells of survives the death of the process and of the machine.
 * - `save` copies the state before it returns when nothing else is being saved; hashing, compression and writing happen on
 *   another thread. Memory: one more copy of the state.
 * - One save at a time. An important request waits for its turn; of the others only the newest does.
 * - A failed save rejects its `committed`; every earlier checkpoint stays as it was, and the next save starts afresh.
 * - Only checkpoints are ever deleted, after the commit of a newer one. What is not ours is not touched.
 * - Loading verifies sizes and SHA-256, and needs no lock; a damaged checkpoint is passed over with a warning.
 */
import { join } from "node:path";
import type {
  CheckpointBundle,
  CheckpointProblem,
  CheckpointInfo,
  CheckpointMoment,
  CheckpointOptions,
  LoadedCheckpoint,
  SaveTicket,
} from "../contract/index.js";
import { rankedBest } from "../decisions/index.js";
import { isTrainscopeError, messageOf, TrainscopeError } from "../support/errors.js";
import { suggest } from "../support/nearest.js";
import { infosOf, keptOf, readCatalog, scoreOf, type Catalog } from "./disk/catalog.js";
import type { CommitPlan } from "./disk/commit.js";
import { damagedError, faultText, saveError } from "./errors.js";
import { exportFile } from "./export.js";
import { freeName, nameAt } from "./format/filename.js";
import { errorCode, nodeFiles, type CheckpointFiles } from "./disk/files.js";
import { deletingName, retire, removeLeftover } from "./disk/leftovers.js";
import { DirectoryLock } from "./disk/lock.js";
import type { Manifest } from "./format/manifest.js";
import { PARTS, resolveOptions, type Parts, type ResolvedOptions } from "./options.js";
import { readCheckpoint } from "./disk/read.js";
import { SaveQueue, type Job } from "./save-queue.js";
import { Snapshots } from "./thread/snapshot.js";
import { removeLeftovers } from "./disk/remove-leftovers.js";
import { verifyWith } from "./verify.js";
import type { FilePlan } from "./disk/write-files.js";
import { ThreadWriter, type Writer } from "./thread/writer.js";

export class CheckpointManager {
  readonly #options: ResolvedOptions;
  readonly #files: CheckpointFiles;
  readonly #now: () => Date;
  readonly #writer: Writer;
  readonly #lock: DirectoryLock;
  readonly #snapshots: Snapshots;
  readonly #queue: SaveQueue;
  readonly #swept: Promise<void>;
  #manifests: ReadonlyMap<string, Manifest> = new Map();
  #closed: Promise<void> | null = null;

  /** Throws `ERR_CONFIG` or `ERR_MODE_REQUIRED`. Opens nothing; what a dead process left half-written is removed. */
  constructor(options: CheckpointOptions & { [PARTS]?: Parts }) {
    const parts = options[PARTS] ?? {};
    this.#options = resolveOptions(options);
    this.#files = parts.files ?? nodeFiles;
    this.#now = parts.now ?? (() => new Date());
    this.#writer = parts.writer ?? new ThreadWriter();
    this.#lock = new DirectoryLock(this.#options.dir);
    this.#snapshots = new Snapshots(this.#options.compress);
    this.#queue = new SaveQueue((job) => this.#run(job));
    this.#swept = removeLeftovers(this.#files, this.#options.dir, false);
  }

  /** Where the checkpoints lie, absolute. */
  get dir(): string {
    return this.#options.dir;
  }

  /** True while a save is under way: a new one would wait. */
  get busy(): boolean {
    return this.#queue.busy;
  }

  /**
   * Saves a state. When nothing else is being saved it has been copied when this returns; else await `captured` before the
   * model changes. Nothing is thrown: `committed` rejects with `ERR_CHECKPOINT_SAVE` (it names the file, what was done and
   * why it failed) or `ERR_CHECKPOINT_LOCKED`.
   */
  save(bundle: CheckpointBundle, at: CheckpointMoment): SaveTicket {
    if (this.#closed === null) return this.#queue.add(bundle, at);
    const refused = Promise.reject(new TrainscopeError("ERR_CHECKPOINT_SAVE", "The checkpoint manager is closed."));
    refused.catch(() => undefined);
    return { captured: Promise.resolve(), committed: refused };
  }

  /** Takes the directory for this manager, as the first save would. Throws `ERR_CHECKPOINT_LOCKED`, `ERR_CHECKPOINT_SAVE`. */
  async lock(): Promise<void> {
    await this.#swept;
    const first = !this.#lock.held;
    this.#lock.acquire();
    if (!first) return;
    for (const directory of this.#lock.unsynced) await syncIfAllowed(this.#files, directory);
    await removeLeftovers(this.#files, this.dir, true);
  }

  /** The newest good checkpoint, or null where there is none. Throws `ERR_CHECKPOINT_DAMAGED` when none is good. */
  async loadLast(): Promise<LoadedCheckpoint | null> {
    const catalog = await this.#catalog();
    return this.#firstGood(catalog, catalog.checkpoints.toReversed(), catalog.faults);
  }

  /** The best good one among those that are ranked, or null. Throws `ERR_CHECKPOINT_DAMAGED` when none of them is good. */
  async loadBest(): Promise<LoadedCheckpoint | null> {
    const catalog = await this.#catalog();
    const { monitor, mode } = this.#options;
    const ranked = rankedBest(keptOf(catalog.checkpoints, monitor), mode, Infinity).map(({ id }) => find(catalog, id));
    return this.#firstGood(
      catalog,
      ranked.filter((manifest) => manifest !== null),
      catalog.faults,
    );
  }

  /** Throws `ERR_CHECKPOINT_MISSING` or `ERR_CHECKPOINT_DAMAGED`. */
  async load(name: string): Promise<LoadedCheckpoint> {
    const catalog = await this.#catalog();
    const manifest = this.#require(catalog, name);
    const read = await readCheckpoint(this.#files, this.dir, manifest);
    if ("faults" in read) throw damagedError(this.dir, read.faults);
    return { info: this.#info(catalog, manifest), ...read.contents };
  }

  /** Every checkpoint with a good manifest, oldest first. Files are not read: see `verify`. */
  async list(): Promise<CheckpointInfo[]> {
    const { checkpoints } = await this.#catalog();
    return infosOf(this.dir, checkpoints, this.#options);
  }

  /** Every fault of one checkpoint, or of all. Throws `ERR_CHECKPOINT_MISSING`. */
  async verify(name?: string): Promise<CheckpointProblem[]> {
    const catalog = await this.#catalog();
    if (name !== undefined && !catalog.faults.some(({ checkpoint }) => checkpoint === name)) this.#require(catalog, name);
    return verifyWith(this.#files, this.dir, catalog, name);
  }

  /**
   * Deletes one checkpoint, also a damaged one, after the saves that are under way. What has no manifest is not known to be
   * ours and stays. Throws `ERR_CHECKPOINT_MISSING`, `ERR_CHECKPOINT_LOCKED`.
   */
  async remove(name: string): Promise<void> {
    await this.#queue.idle();
    await this.lock();
    const catalog = await this.#catalog();
    const damaged = catalog.faults.some(({ checkpoint }) => checkpoint === name);
    const sha256 = damaged ? null : this.#require(catalog, name).sha256;
    const { pid } = process;
    if (await retire(this.#files, this.dir, { name, sha256, pid })) {
      await removeLeftover(this.#files, join(this.dir, deletingName(name, pid)));
    }
  }

  /** Writes the weights of one checkpoint, verified and uncompressed, to `file`; a file there is replaced at once. */
  async exportSafetensors(name: string, file: string): Promise<void> {
    const manifest = this.#require(await this.#catalog(), name);
    const faults = await exportFile(this.#files, this.dir, { manifest, file });
    if (faults.length > 0) throw damagedError(this.dir, faults);
  }

  /** When no save is under way or waiting. Never rejects: each ticket tells of its own save. */
  flush(): Promise<void> {
    return this.#queue.idle();
  }

  /** Waits for the saves, ends the thread and gives the directory free. Never rejects; loading goes on working. */
  close(): Promise<void> {
    return (this.#closed ??= this.#close());
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(): Promise<void> {
    await this.#queue.idle();
    await this.#swept;
    await this.#writer.close();
    if (this.#lock.held) this.#lock.release();
  }

  /** One save from the copy to the end of its clean-up. */
  async #run(job: Job): Promise<void> {
    const { at } = job;
    let name = `step ${at.step}`; // until it has one
    let files: FilePlan[] = [];
    try {
      files = this.#snapshots.take(job.bundle);
      if (this.#options.async) job.captured();
      name = nameAt(this.#options.filename, at);
      await this.lock();
      const catalog = await this.#known();
      name = freeName(name, catalog.names);
      const plan = this.#plan(catalog, name, { at, files });
      const outcome = await this.#writer.write(plan, (manifest, warnings) => {
        warnings.forEach(this.#options.onWarning);
        job.settle(this.#info({ ...catalog, checkpoints: survivors(catalog, plan, manifest) }, manifest));
      });
      outcome.warnings.forEach(this.#options.onWarning);
      if (outcome.fault === null) return;
      await removeLeftovers(this.#files, this.dir, true); // a thread that died left what it had
      job.fail(saveError(name, outcome.fault)); // nothing, when it was committed before
    } catch (error) {
      const locked = isTrainscopeError(error) && error.code === "ERR_CHECKPOINT_LOCKED";
      job.fail(locked ? error : saveError(name, error));
    } finally {
      this.#snapshots.giveBack(files);
      job.captured();
    }
  }

  #plan(catalog: Catalog, name: string, { at, files }: { at: CheckpointMoment; files: readonly FilePlan[] }): CommitPlan {
    const metrics = { ...at.metrics };
    const head = {
      name,
      sequence: (catalog.checkpoints.at(-1)?.sequence ?? 0) + 1,
      epoch: at.epoch,
      step: at.step,
      metrics,
      score: scoreOf(metrics, this.#options.monitor),
      savedAt: this.#now().toISOString(),
      compress: this.#options.compress,
    };
    const { dir, backupDir } = this.#options;
    const remove = this.#notKept(catalog.checkpoints, { ...head, files: {}, sha256: "" });
    return { dir, head, files, remove, backupDir, pid: process.pid };
  }

  /** What goes once `added` is committed; never `added` itself, whatever the rule says. A rule that throws deletes nothing. */
  #notKept(checkpoints: readonly Manifest[], added: Manifest): CommitPlan["remove"] {
    const all = keptOf([...checkpoints, added], this.#options.monitor);
    try {
      const kept = this.#options.keep.keeps(all);
      return checkpoints.filter(({ name }) => !kept.has(name)).map(({ name, sha256 }) => ({ name, sha256 }));
    } catch (error) {
      this.#options.onWarning(`The keep rule "${this.#options.keep.name}" threw, so nothing was deleted: ${messageOf(error)}`);
      return [];
    }
  }

  async #firstGood(
    catalog: Catalog,
    candidates: readonly Manifest[],
    before: readonly CheckpointProblem[],
  ): Promise<LoadedCheckpoint | null> {
    const faults = [...before];
    const skipped = (found: readonly CheckpointProblem[]): void => {
      for (const fault of found)
        this.#options.onWarning(`A damaged checkpoint in ${this.dir} was passed over: ${faultText(fault)}.`);
    };
    skipped(before);
    for (const manifest of candidates) {
      const read = await readCheckpoint(this.#files, this.dir, manifest);
      if ("contents" in read) return { info: this.#info(catalog, manifest), ...read.contents };
      skipped(read.faults);
      faults.push(...read.faults);
    }
    const none = candidates.length === 0 && catalog.checkpoints.length > 0; // good ones, but none that was asked for
    if (faults.length > 0 && !none) throw damagedError(this.dir, faults);
    return null;
  }

  async #catalog(): Promise<Catalog> {
    await this.#swept;
    return readCatalog(this.#files, this.dir);
  }

  /** What lies there now, for a save: manifests that were read before are not read again. */
  async #known(): Promise<Catalog> {
    const catalog = await readCatalog(this.#files, this.dir, this.#manifests);
    this.#manifests = new Map(catalog.checkpoints.map((manifest) => [manifest.name, manifest]));
    return catalog;
  }

  #info(catalog: Catalog, manifest: Manifest): CheckpointInfo {
    const infos = infosOf(this.dir, catalog.checkpoints, this.#options);
    return infos.find(({ name }) => name === manifest.name) as CheckpointInfo;
  }

  #require(catalog: Catalog, name: string): Manifest {
    const manifest = find(catalog, name);
    if (manifest !== null) return manifest;
    const own = catalog.faults.filter(({ checkpoint }) => checkpoint === name);
    if (own.length > 0) throw damagedError(this.dir, own);
    const known = catalog.checkpoints.map((checkpoint) => checkpoint.name);
    throw new TrainscopeError(
      "ERR_CHECKPOINT_MISSING",
      `There is no checkpoint "${name}" in ${this.dir}.\n${suggest(name, known)}`,
    );
  }
}

/** A directory above ours may be closed to us; its entry for ours is then as durable as its owner makes it. */
async function syncIfAllowed(files: CheckpointFiles, directory: string): Promise<void> {
  try {
    await files.syncDirectory(directory);
  } catch (error) {
    if (errorCode(error) !== "EACCES" && errorCode(error) !== "EPERM") throw error;
  }
}

function find(catalog: Catalog, name: string): Manifest | null {
  return catalog.checkpoints.find((manifest) => manifest.name === name) ?? null;
}

function survivors(catalog: Catalog, plan: CommitPlan, added: Manifest): Manifest[] {
  const removed = new Set(plan.remove.map(({ name }) => name));
  return [...catalog.checkpoints.filter(({ name }) => !removed.has(name)), added];
}
