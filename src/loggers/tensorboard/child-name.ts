import { TrainscopeError } from "../../support/errors.js";
import { printable } from "../../support/printable.js";
import { valueText } from "../../support/value-text.js";

/** Of a directory's name, on most file systems. */
const MAX_BYTES = 255;

/** `dir`, where it is the path of a directory; else throws `ERR_CONFIG`. */
export function checkedDir(dir: string): string {
  if (typeof dir === "string" && dir !== "" && !dir.includes("\0")) return dir;
  const message = `Found ${valueText(dir)}. Allowed: the path of a directory, such as "runs/mine".`;
  throw new TrainscopeError("ERR_CONFIG", message, { path: "SummaryWriter.dir" });
}

/** Throws `ERR_LOG` where `name` is not one or more directory names with "/" between them, below the run's directory. */
export function checkChildName(name: string): void {
  if (typeof name === "string" && name.split("/").every(isSegment)) return;
  throw new TrainscopeError(
    "ERR_LOG",
    `${valueText(name)} cannot be a directory below a run's.\nGive a name such as "train", or several with "/" between them, without "." and "..", each of at most ${MAX_BYTES} bytes on one line.`,
    { path: "SummaryWriter.child" },
  );
}

function isSegment(segment: string): boolean {
  if (segment === "" || segment === "." || segment === ".." || segment.includes("\\")) return false;
  return printable(segment) === segment && Buffer.byteLength(segment) <= MAX_BYTES;
}

/** The name of a loader as a child's name: "/" separates directories, and a segment that cannot name a directory becomes "_". */
export function childNameOf(loader: string): string {
  const directoryOf = (segment: string): string => {
    const allowed = process.platform === "win32" ? segment.replaceAll(":", "_").replace(/[. ]+$/, "_") : segment;
    return isSegment(allowed) ? allowed : "_";
  };
  return loader.split("/").map(directoryOf).join("/");
}
