/** The weights of a checkpoint as one file of their own. */
import { randomUUID } from "node:crypto";
import { dirname, resolve } from "node:path";
import type { CheckpointProblem } from "../contract/index.js";
import { messageOf, TrainscopeError } from "../support/errors.js";
import type { CheckpointFiles } from "./disk/files.js";
import type { Manifest } from "./format/manifest.js";
import { readFile } from "./disk/read.js";
import { writeNewFile } from "./disk/write-file.js";

/** Returns the faults of what should be exported; nothing is written then. Throws `ERR_CHECKPOINT_SAVE`. */
export async function exportFile(
  files: CheckpointFiles,
  dir: string,
  { manifest, file }: { manifest: Manifest; file: string },
): Promise<CheckpointProblem[]> {
  const stored = Object.keys(manifest.files).find((name) => name.startsWith("model.safetensors")) ?? "model.safetensors";
  const { bytes, problems } = await readFile(files, dir, manifest, stored);
  if (bytes === null || problems.length > 0) {
    return problems.map((problem) => ({ checkpoint: manifest.name, file: stored, problem }));
  }
  const target = resolve(file);
  const beside = `${target}.${randomUUID()}.tmp`;
  try {
    await writeNewFile(files, beside, bytes);
    await files.rename(beside, target);
    await files.syncDirectory(dirname(target));
  } catch (error) {
    await files.unlink(beside).catch(() => undefined);
    const message = `"${manifest.name}" was not exported to ${target}: ${messageOf(error)}.`;
    throw new TrainscopeError("ERR_CHECKPOINT_SAVE", message, { path: target, cause: error });
  }
  return [];
}
