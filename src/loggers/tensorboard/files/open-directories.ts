/** TensorBoard expects one growing file in a run's directory: its Python loader does not come back to an older one. */
import { TrainscopeError } from "../../../support/errors.js";

const open = new Set<string>();

export function claimDirectory(dir: string): void {
  if (open.has(dir)) {
    const ways = "Use that writer, close it first, or give this one a directory of its own.";
    throw new TrainscopeError("ERR_LOG", `${dir} is open in another SummaryWriter of this process.\n${ways}`, {
      path: "SummaryWriter",
    });
  }
  open.add(dir);
}

export function releaseDirectory(dir: string): void {
  open.delete(dir);
}
