/** Keeps a run's directory to one writer: TensorBoard's Python loader does not return to an older file of a directory. */
import { logError } from "./log-error.js";

const open = new Set<string>();

/** Throws `ERR_LOG` when another writer of this process has the directory open. */
export function claimDirectory(dir: string): void {
  if (open.has(dir)) {
    const ways = "Use that writer, close it first, or give this one a directory of its own.";
    throw logError(`${dir} is open in another SummaryWriter of this process.\n${ways}`, { path: "SummaryWriter" });
  }
  open.add(dir);
}

/** Lets another writer open the directory. */
export function releaseDirectory(dir: string): void {
  open.delete(dir);
}
