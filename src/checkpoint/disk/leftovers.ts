import { createHash } from "node:crypto";
import { join } from "node:path";
import type { RunIdentity } from "../../contract/index.js";
import { errorCode } from "../../support/error-code.js";
import { MANIFEST, parseManifest } from "../format/manifest.js";
import { readText, type CheckpointFiles } from "./files.js";

/** A checkpoint that is being written or deleted, or was when its process died. */
const LEFTOVER = /^\.(saving|deleting)-.+-(\d+|[0-9a-f]{8}-[0-9a-f]{8})$/; // earlier versions ended it with a pid
const DELETING = /^(.*[/\\])?\.deleting-(.+)-[0-9a-f]{8}-[0-9a-f]{8}$/;
const DELETING_BY_PID = /^(.*[/\\])?\.deleting-(.+)-\d+$/;
/** The files of a checkpoint. */
const OWN_FILE = /^(model\.safetensors|optimizer\.safetensors|run\.json)(\.gz|\.zst)?$|^manifest\.json$/;

/**
 * The end of the names of one manager's leftovers: which run, and which lock. Random, because processes in two containers may have
 * one pid, and no two managers may write into one leftover.
 */
export function leftoverTag(lockToken: string, run: RunIdentity | null): string {
  return `${hashOf(run?.runId ?? lockToken)}-${hashOf(lockToken)}`;
}

export function savingName(name: string, tag: string): string {
  return `.saving-${name}-${tag}`;
}

export function deletingName(name: string, tag: string): string {
  return `.deleting-${name}-${tag}`;
}

/** True for a leftover of an earlier process of the run that `tag` was made for. */
export function isOfSameRun(entry: string, tag: string): boolean {
  const ofRun = tag.slice(0, 9);
  return isLeftover(entry) && entry.slice(0, -8).endsWith(`-${ofRun}`) && !entry.endsWith(tag);
}

function hashOf(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 8);
}

/** True for the name of a file that checkpoints consist of. */
export function isOwnFile(file: string): boolean {
  return OWN_FILE.test(file);
}

/** True for the name of a leftover directory. */
export function isLeftover(entry: string): boolean {
  return LEFTOVER.test(entry);
}

/**
 * Hides a checkpoint for deletion, by renaming it, when its manifest has the identity `sha256` (null: any checkpoint). False when it
 * does not exist or is another one.
 */
export async function retire(
  files: CheckpointFiles,
  dir: string,
  { name, sha256, tag }: { name: string; sha256: string | null; tag: string },
): Promise<boolean> {
  let text: string;
  try {
    text = await readText(files, join(dir, name, MANIFEST));
  } catch (error) {
    if (errorCode(error) === "ENOENT" || errorCode(error) === "ENOTDIR") return false;
    throw error;
  }
  const parsed = parseManifest(text);
  if (parsed.kind === "foreign") return false;
  if (sha256 !== null && (parsed.kind !== "manifest" || parsed.manifest.sha256 !== sha256)) return false;
  await files.rename(join(dir, name), join(dir, deletingName(name, tag)));
  return true;
}

/**
 * Removes a leftover: the files of the checkpoint, and the directory when nothing else is in it. A directory with other files is
 * renamed back. Of a link only itself is removed: what it leads to is not in this directory. `onFile` is called after each file.
 */
export async function removeLeftover(files: CheckpointFiles, path: string, onFile?: () => void): Promise<void> {
  if (await files.isLink(path)) return files.unlink(path);
  let entries: { name: string }[];
  try {
    entries = await files.list(path);
  } catch (error) {
    if (errorCode(error) === "ENOENT") return;
    throw error;
  }
  // The manifest is removed first: what is left is then no checkpoint, wherever it is moved.
  const own = entries
    .filter(({ name }) => isOwnFile(name))
    .sort((a, b) => Number(b.name === MANIFEST) - Number(a.name === MANIFEST));
  for (const { name } of own) {
    await files.unlink(join(path, name));
    onFile?.();
  }
  if (own.length === entries.length) return files.removeDirectory(path);
  const match = DELETING.exec(path) ?? DELETING_BY_PID.exec(path);
  if (match !== null) await files.rename(path, `${match[1] ?? ""}${match[2]}`);
}
