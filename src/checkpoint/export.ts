import { randomUUID } from "node:crypto";
import { dirname } from "node:path";
import type { CheckpointProblem } from "../contract/index.js";
import { messageOf, TrainscopeError } from "../support/errors.js";
import { userPath } from "../support/user-path.js";
import type { CheckpointFiles } from "./disk/files.js";
import { readFile } from "./disk/read.js";
import { writeNewFile } from "./disk/write-file.js";
import type { Manifest } from "./format/manifest.js";

/**
 * Writes the weights of a checkpoint to `file`, verified and uncompressed. Returns the problems of the weights; nothing is written
 * when there are any. Throws `ERR_CHECKPOINT_SAVE` when `file` cannot be written.
 */
export async function exportWeights(
  files: CheckpointFiles,
  dir: string,
  { manifest, file }: { manifest: Manifest; file: string },
): Promise<CheckpointProblem[]> {
  const stored = Object.keys(manifest.files).find((name) => name.startsWith("model.safetensors")) ?? "model.safetensors";
  const { bytes, problems } = await readFile(files, dir, manifest, stored);
  if (bytes === null || problems.length > 0) {
    return problems.map((problem) => ({ checkpoint: manifest.name, file: stored, problem }));
  }
  const target = userPath(file);
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
