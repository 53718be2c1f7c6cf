import type { SaveDetails } from "../contract/index.js";
import { cutName, misspeltKey, nameAt } from "../decisions/checkpoint-name.js";
import { messageOf } from "../support/errors.js";
import { freeName } from "../support/unique-names.js";
import type { Catalog } from "./disk/catalog.js";
import type { CommitPlan } from "./disk/commit-plan.js";
import type { CheckpointDirectory } from "./disk/directory.js";
import { ofRun } from "./disk/ownership.js";
import type { FilePlan } from "./disk/write-files.js";
import { commitError, saveError } from "./errors.js";
import type { Manifest } from "./format/manifest.js";
import type { CheckpointSettings } from "./options.js";
import { infoOf, keptOf, scoreOf } from "./ranking.js";
import type { Job } from "./save-queue.js";
import { Snapshots } from "./thread/snapshot.js";
import type { Writer } from "./thread/writer.js";

/** Performs saves, one at a time: copies the state, decides what is kept, and has a writer commit it. */
export class CheckpointSaver {
  readonly #directory: CheckpointDirectory;
  readonly #settings: CheckpointSettings;
  readonly #writer: Writer;
  readonly #now: () => Date;
  readonly #snapshots: Snapshots;
  #warnedOfName = false;
  #manifests: ReadonlyMap<string, Manifest> = new Map();

  constructor(directory: CheckpointDirectory, settings: CheckpointSettings, writer: Writer, now: () => Date) {
    this.#directory = directory;
    this.#settings = settings;
    this.#writer = writer;
    this.#now = now;
    this.#snapshots = new Snapshots(settings.compress);
  }

  /** One save, from the copy to the end of its clean-up. Copies before its first await, settles the job, and never rejects. */
  async save(job: Job): Promise<void> {
    const { at } = job;
    let name = `step ${at.step}`; // in errors, until the checkpoint has a name
    let files: FilePlan[] = [];
    try {
      files = this.#snapshots.copy(job.bundle);
      if (this.#settings.async) job.captured();
      name = this.#nameOf(at);
      if (await this.#directory.lock()) this.#warnOfLoss(name);
      const catalog = await this.#catalog();
      name = freeName(name, catalog.names, "-");
      await this.#write(job, catalog, this.#plan(catalog, name, { at, files }));
    } catch (error) {
      job.fail(saveError(name, error));
    } finally {
      this.#snapshots.release(files);
      job.captured();
    }
  }

  /** Ends the thread. */
  close(): Promise<void> {
    return this.#writer.close();
  }

  /** Warns once of a name that is not what its user expects. */
  #nameOf(at: SaveDetails): string {
    const { filename, monitor, warn } = this.#settings;
    const whole = nameAt(filename, at);
    const name = cutName(whole);
    const cut = name === whole ? null : `The name of a checkpoint was too long and is cut: ${name}.\nShorten filename.`;
    const warning = this.#warnedOfName ? null : (cut ?? misspeltKey(filename, monitor, at.metrics ?? {}));
    if (warning !== null) warn(warning);
    this.#warnedOfName ||= warning !== null;
    return name;
  }

  #warnOfLoss(name: string): void {
    const { path } = this.#directory;
    const warning = `${path} was deleted while checkpoints were saved there, and those in it are lost. It is made again for "${name}".`;
    this.#settings.warn(warning);
  }

  async #write(job: Job, catalog: Catalog, plan: CommitPlan): Promise<void> {
    const { warn } = this.#settings;
    const { problem, warnings } = await this.#writer.write(plan, (manifest, soFar) => {
      soFar.forEach(warn);
      const checkpoints = afterCommit(ofRun(catalog.checkpoints, plan.head.run), plan, manifest);
      job.settle(infoOf(plan.dir, checkpoints, { ...this.#settings, name: manifest.name }));
    });
    warnings.forEach(warn);
    if (problem === null) return;
    await this.#directory.removeUnfinished(plan); // a thread that died left what it had written
    job.fail(commitError(plan.head.name, problem)); // without effect when it was committed before
  }

  /** What the directory contains now. Manifests that an earlier save read are not read again. */
  async #catalog(): Promise<Catalog> {
    const catalog = await this.#directory.catalog(this.#manifests);
    this.#manifests = new Map(catalog.checkpoints.map((manifest) => [manifest.name, manifest]));
    return catalog;
  }

  #plan(catalog: Catalog, name: string, { at, files }: { at: SaveDetails; files: readonly FilePlan[] }): CommitPlan {
    const { monitor, compress, backupDir, run } = this.#settings;
    const metrics = { ...at.metrics };
    const head = {
      name,
      sequence: (catalog.checkpoints.at(-1)?.sequence ?? 0) + 1,
      epoch: at.epoch,
      step: at.step,
      metrics,
      score: scoreOf(metrics, monitor),
      savedAt: this.#now().toISOString(),
      compress,
      run,
    };
    const remove = this.#notKept(ofRun(catalog.checkpoints, run), { ...head, files: {}, sha256: "" });
    const { path, tag, lockToken } = this.#directory;
    return { dir: path, head, files, remove, backupDir, tag, lockToken };
  }

  /** What is deleted once `added` is committed; never `added` itself. When the keep rule throws, nothing. */
  #notKept(checkpoints: readonly Manifest[], added: Manifest): CommitPlan["remove"] {
    const { keep, monitor, warn } = this.#settings;
    const all = keptOf([...checkpoints, added], monitor);
    try {
      const kept = keep.keeps(all);
      return checkpoints.filter(({ name }) => !kept.has(name)).map(({ name, sha256 }) => ({ name, sha256 }));
    } catch (error) {
      warn(`The keep rule "${keep.name}" threw, so nothing was deleted: ${messageOf(error)}`);
      return [];
    }
  }
}

function afterCommit(checkpoints: readonly Manifest[], plan: CommitPlan, added: Manifest): Manifest[] {
  const removed = new Set(plan.remove.map(({ name }) => name));
  return [...checkpoints.filter(({ name }) => !removed.has(name)), added];
}
