/** What is on its way in or out of a directory: `.saving-<name>-<pid>` and `.deleting-<name>-<pid>`. */
import { join } from "node:path";
import { errorCode, readText, type CheckpointFiles } from "./files.js";
import { MANIFEST, parseManifest } from "../format/manifest.js";

const LEFTOVER = /^\.(saving|deleting)-(.+)-(\d+)$/;
/** Files that a checkpoint of ours is made of. */
const OURS = /^(model\.safetensors|optimizer\.safetensors|run\.json)(\.gz|\.zst)?$|^manifest\.json$/;

export function savingName(name: string, pid: number): string {
  return `.saving-${name}-${pid}`;
}

export function deletingName(name: string, pid: number): string {
  return `.deleting-${name}-${pid}`;
}

export function isOurs(file: string): boolean {
  return OURS.test(file);
}

/** The process that left `entry`, or null for anything else. */
export function leftoverPid(entry: string): number | null {
  const match = LEFTOVER.exec(entry);
  return match === null ? null : Number(match[3]);
}

/**
 * Takes a checkpoint out of sight, if its manifest says that it is the one meant. False when it is not there, or is
 * another one.
 */
export async function retire(
  files: CheckpointFiles,
  dir: string,
  { name, sha256, pid }: { name: string; sha256: string | null; pid: number },
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
  await files.rename(join(dir, name), join(dir, deletingName(name, pid)));
  return true;
}

/** Removes a leftover: our files in it, and it when nothing else is in it. What is not ours goes back under its name. */
export async function removeLeftover(files: CheckpointFiles, path: string, onFile?: () => void): Promise<void> {
  let entries: { name: string }[];
  try {
    entries = await files.list(path);
  } catch (error) {
    if (errorCode(error) === "ENOENT") return;
    throw error;
  }
  // The manifest goes first: whatever is left is then no checkpoint, wherever it is moved.
  const ours = entries
    .filter(({ name }) => isOurs(name))
    .sort((a, b) => Number(b.name === MANIFEST) - Number(a.name === MANIFEST));
  for (const { name } of ours) {
    await files.unlink(join(path, name));
    onFile?.();
  }
  if (ours.length === entries.length) return files.removeDirectory(path);
  const match = /^(.*[/\\])?\.deleting-(.+)-\d+$/.exec(path);
  if (match !== null) await files.rename(path, `${match[1] ?? ""}${match[2]}`);
}
