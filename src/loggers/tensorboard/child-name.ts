import { TrainscopeError } from "../../support/errors.js";
import { valueText } from "../../support/value-text.js";

/** Throws `ERR_LOG` where `name` is not one or more directory names with "/" between them, below the run's directory. */
export function checkChildName(name: string): void {
  if (typeof name === "string" && name.split("/").every(isSegment)) return;
  throw new TrainscopeError(
    "ERR_LOG",
    `${valueText(name)} cannot be a directory below a run's.\nGive a name such as "train", or several with "/" between them, without "." and "..".`,
    { path: "SummaryWriter.child" },
  );
}

function isSegment(segment: string): boolean {
  return segment !== "" && segment !== "." && segment !== ".." && !segment.includes("\\") && !segment.includes("\0");
}

/** The name of a loader as a child's name: "/" separates directories, and a segment that cannot name a directory becomes "_". */
export function childNameOf(loader: string): string {
  const directoryOf = (segment: string): string => {
    const allowed = process.platform === "win32" ? segment.replaceAll(":", "_").replace(/[. ]+$/, "_") : segment;
    return isSegment(allowed) ? allowed : "_";
  };
  return loader.split("/").map(directoryOf).join("/");
}
