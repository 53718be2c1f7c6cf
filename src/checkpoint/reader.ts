import type { CheckpointInfo, CheckpointProblem, LoadedCheckpoint } from "../contract/index.js";
import { rankedBest } from "../decisions/index.js";
import { findManifest, requireManifest, type Catalog } from "./disk/catalog.js";
import type { CheckpointDirectory } from "./disk/directory.js";
import { readCheckpoint } from "./disk/read.js";
import { damagedError, problemText } from "./errors.js";
import { exportWeights } from "./export.js";
import type { Manifest } from "./format/manifest.js";
import type { CheckpointSettings } from "./options.js";
import { infoOf, infosOf, keptOf } from "./ranking.js";
import { problemsIn } from "./verify.js";

/**
 * Finds, verifies and loads the checkpoints of a directory; needs no lock. Each method reads the directory again, so that it
 * sees what other processes saved. `CheckpointManager` documents what each one throws.
 */
export class CheckpointReader {
  readonly #directory: CheckpointDirectory;
  readonly #settings: CheckpointSettings;

  constructor(directory: CheckpointDirectory, settings: CheckpointSettings) {
    this.#directory = directory;
    this.#settings = settings;
  }

  async loadLast(): Promise<LoadedCheckpoint | null> {
    const catalog = await this.#directory.visible();
    return this.#firstGood(catalog, catalog.checkpoints.toReversed());
  }

  async loadBest(): Promise<LoadedCheckpoint | null> {
    const catalog = await this.#directory.visible();
    const { monitor, mode } = this.#settings;
    const ranked = rankedBest(keptOf(catalog.checkpoints, monitor), mode, Infinity);
    const manifests = ranked.map(({ id }) => findManifest(catalog, id)).filter((manifest) => manifest !== null);
    return this.#firstGood(catalog, manifests);
  }

  async load(name: string): Promise<LoadedCheckpoint> {
    const { path, files } = this.#directory;
    const catalog = await this.#directory.visible();
    const manifest = requireManifest(path, catalog, name);
    const read = await readCheckpoint(files, path, manifest);
    if ("problems" in read) throw damagedError(path, read.problems);
    return { info: infoOf(path, catalog.checkpoints, { ...this.#settings, name }), ...read.contents };
  }

  async list(): Promise<CheckpointInfo[]> {
    const { checkpoints } = await this.#directory.visible();
    return infosOf(this.#directory.path, checkpoints, this.#settings);
  }

  async verify(name?: string): Promise<CheckpointProblem[]> {
    const { path, files } = this.#directory;
    const catalog = await this.#directory.visible();
    const isDamaged = catalog.problems.some(({ checkpoint }) => checkpoint === name);
    if (name !== undefined && !isDamaged) requireManifest(path, catalog, name);
    return problemsIn(files, path, catalog, name);
  }

  async exportWeights(name: string, file: string): Promise<void> {
    const { path, files } = this.#directory;
    const manifest = requireManifest(path, await this.#directory.visible(), name);
    const problems = await exportWeights(files, path, { manifest, file });
    if (problems.length > 0) throw damagedError(path, problems);
  }

  /** The first of `candidates` that is good. Damaged ones before it are warned about. */
  async #firstGood(catalog: Catalog, candidates: readonly Manifest[]): Promise<LoadedCheckpoint | null> {
    const { path, files } = this.#directory;
    const problems = [...catalog.problems];
    this.#warn(problems);
    for (const manifest of candidates) {
      const read = await readCheckpoint(files, path, manifest);
      if ("contents" in read) {
        return { info: infoOf(path, catalog.checkpoints, { ...this.#settings, name: manifest.name }), ...read.contents };
      }
      this.#warn(read.problems);
      problems.push(...read.problems);
    }
    const noneIsRanked = candidates.length === 0 && catalog.checkpoints.length > 0;
    if (problems.length > 0 && !noneIsRanked) throw damagedError(path, problems);
    return null;
  }

  #warn(problems: readonly CheckpointProblem[]): void {
    for (const problem of problems) {
      this.#settings.warn(`A damaged checkpoint in ${this.#directory.path} was skipped: ${problemText(problem)}.`);
    }
  }
}
