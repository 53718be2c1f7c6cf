import { join } from "node:path";
import { errorCode } from "../../support/error-code.js";
import { TrainscopeError } from "../../support/errors.js";
import type { CommitPlan } from "./commit-plan.js";
import { readText, type CheckpointFiles } from "./files.js";
import { LOCK } from "./lock-file.js";
import { parseOwner } from "./lock-owner.js";

/**
 * Throws when the lock of the directory is no longer that of the plan: the process was stopped while it wrote, say, and another one
 * saves here now.
 */
export async function checkLock(files: CheckpointFiles, { dir, lockToken }: CommitPlan): Promise<void> {
  const { token } = parseOwner(await textOf(files, join(dir, LOCK)));
  if (token === lockToken) return;
  throw new TrainscopeError("ERR_CHECKPOINT_LOCKED", "this process has lost the lock of the directory");
}

async function textOf(files: CheckpointFiles, path: string): Promise<string> {
  try {
    return await readText(files, path);
  } catch (error) {
    if (errorCode(error) === "ENOENT") return "";
    throw error;
  }
}
