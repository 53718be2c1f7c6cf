import { mkdirSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { RunIdentity } from "../../contract/index.js";
import { errorCode } from "../../support/error-code.js";
import { namesIn } from "../../support/directories.js";
import { isSameRun, OWNER_FILE, readOwner, writeOwner } from "../../support/run-identity.js";
import { isEventFile } from "./files/file-name.js";

/**
 * The directory that a run writes its event files into: `wanted`, or `wanted-2`, `wanted-3`, … where that is another run's. A resumed
 * run finds its own again by the id in its `owner.json`. With `adopts`, a directory with event files and without an owner is taken too:
 * earlier versions wrote none, and a directory inside the run's own is the run's.
 */
export function ownDirectory(wanted: string, run: RunIdentity, adopts: boolean): string {
  const parent = dirname(wanted);
  const base = basename(wanted);
  const existing = namesIn(parent).filter(
    (name) => name === base || /^-\d+$/.test(name.startsWith(base) ? name.slice(base.length) : ""),
  );
  const own = existing.find((name) => isSameRun(readOwner(join(parent, name)), run));
  if (own !== undefined) return join(parent, own);
  for (let n = 1; ; n++) {
    const dir = n === 1 ? wanted : `${wanted}-${n}`;
    const isFree = adopts || !namesIn(dir).some((name) => isEventFile(name) || name === OWNER_FILE);
    if (isFree && isClaimed(dir, run)) return dir;
  }
}

/** False where another run was faster. A disk that fails is reported, and retried, when events are written. */
function isClaimed(dir: string, run: RunIdentity): boolean {
  try {
    mkdirSync(dir, { recursive: true });
    writeOwner(dir, run, "wx");
    return true;
  } catch (error) {
    return errorCode(error) !== "EEXIST" || isSameRun(readOwner(dir), run);
  }
}
