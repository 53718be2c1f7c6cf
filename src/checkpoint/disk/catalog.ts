import { join } from "node:path";
import type { CheckpointProblem, RunIdentity } from "../../contract/index.js";
import { errorCode } from "../../support/error-code.js";
import { messageOf, TrainscopeError } from "../../support/errors.js";
import { damagedError, missingError } from "../errors.js";
import { MANIFEST, parseManifest, type Manifest } from "../format/manifest.js";
import { readText, type CheckpointFiles } from "./files.js";
import { isOwnFile } from "./leftovers.js";
import { ownerInRest, ownerInState } from "./owner-in-state.js";

/** The contents of a directory of checkpoints. */
export interface Catalog {
  /** Those with a good manifest, oldest first. */
  checkpoints: Manifest[];
  /** Of checkpoints whose manifest is missing or damaged. */
  problems: CheckpointProblem[];
  /** Of those the run, by the name of the checkpoint, where what is left of it still says so. */
  damagedOf: Map<string, RunIdentity>;
  /** Every name in the directory, also of other programs. */
  names: Set<string>;
}

/**
 * Reads the manifests in `dir`; needs no lock. An empty catalog where there is no directory. Manifests that are `known` are not
 * read again. Throws `ERR_CHECKPOINT_DAMAGED` when the directory cannot be read.
 */
export async function readCatalog(
  files: CheckpointFiles,
  dir: string,
  known: ReadonlyMap<string, Manifest> = new Map(),
): Promise<Catalog> {
  const catalog: Catalog = { checkpoints: [], problems: [], damagedOf: new Map(), names: new Set() };
  let entries: Awaited<ReturnType<CheckpointFiles["list"]>>;
  try {
    entries = await files.list(dir);
  } catch (error) {
    if (errorCode(error) === "ENOENT") return catalog;
    const message = `The checkpoints in ${dir} cannot be read: ${messageOf(error)}.`;
    throw new TrainscopeError("ERR_CHECKPOINT_DAMAGED", message, { path: dir, cause: error });
  }
  for (const { name, isDirectory } of entries) {
    catalog.names.add(name);
    if (!isDirectory || name.startsWith(".") || name === "lost+found") continue; // lost+found belongs to the file system
    const found = known.get(name) ?? (await readOne(files, join(dir, name), name));
    if (found !== null && "problem" in found) {
      catalog.problems.push(found);
      const owner = await ownerInRest(files, join(dir, name));
      if (owner !== null) catalog.damagedOf.set(name, owner);
    } else if (found !== null) catalog.checkpoints.push(found);
  }
  catalog.checkpoints.sort((a, b) => a.sequence - b.sequence || a.savedAt.localeCompare(b.savedAt) || (a.name < b.name ? -1 : 1));
  return catalog;
}

/** One directory: a checkpoint, a damaged one, or null for one of another program. A renamed checkpoint has its new name. */
async function readOne(files: CheckpointFiles, path: string, name: string): Promise<Manifest | CheckpointProblem | null> {
  const damaged = (problem: string): CheckpointProblem => ({ checkpoint: name, file: MANIFEST, problem });
  try {
    const parsed = await parsedManifest(files, path);
    if (parsed?.kind === "manifest") {
      const run = parsed.namesRun ? parsed.manifest.run : await ownerInState(files, path);
      return { ...parsed.manifest, name, run };
    }
    if (parsed?.kind === "damaged") return damaged(parsed.problem);
    if (!(await hasOnlyOwnFiles(files, path))) return null;
    return damaged(parsed === null ? "it is missing" : "it is not a manifest of trainscope");
  } catch (error) {
    return damaged(`it cannot be read: ${messageOf(error)}`);
  }
}

/** Null where there is none. */
async function parsedManifest(files: CheckpointFiles, path: string): Promise<ReturnType<typeof parseManifest> | null> {
  try {
    return parseManifest(await readText(files, join(path, MANIFEST)));
  } catch (error) {
    if (errorCode(error) === "ENOENT") return null;
    throw error;
  }
}

/** True for a directory that lacks only the manifest of a checkpoint; false for one that another process has just deleted. */
async function hasOnlyOwnFiles(files: CheckpointFiles, path: string): Promise<boolean> {
  try {
    const names = (await files.list(path)).map(({ name }) => name);
    return names.some((name) => name.startsWith("model.safetensors")) && names.every(isOwnFile);
  } catch (error) {
    if (errorCode(error) === "ENOENT") return false;
    throw error;
  }
}

/** The manifest of that name, or null. */
export function findManifest({ checkpoints }: Catalog, name: string): Manifest | null {
  return checkpoints.find((manifest) => manifest.name === name) ?? null;
}

/** The manifest of that name. Throws `ERR_CHECKPOINT_DAMAGED` when it is damaged, and `ERR_CHECKPOINT_MISSING` when there is none. */
export function requireManifest(dir: string, catalog: Catalog, name: string): Manifest {
  const manifest = findManifest(catalog, name);
  if (manifest !== null) return manifest;
  const own = catalog.problems.filter(({ checkpoint }) => checkpoint === name);
  if (own.length > 0) throw damagedError(dir, own);
  throw missingError(
    dir,
    name,
    catalog.checkpoints.map((checkpoint) => checkpoint.name),
  );
}
