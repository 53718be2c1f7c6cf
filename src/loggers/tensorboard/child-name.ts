import { TrainscopeError } from "../../support/errors.js";

/** The name of a child directory: one or more segments between "/". Throws `ERR_LOG` for one that would lie elsewhere. */
export function checkChildName(name: string): void {
  if (typeof name === "string" && name.split("/").every(isSegment)) return;
  throw new TrainscopeError(
    "ERR_LOG",
    `${JSON.stringify(name)} cannot be a directory below a run's.\nGive a name such as "train", or several with "/" between them, without "." and "..".`,
    { path: "SummaryWriter.child" },
  );
}

function isSegment(segment: string): boolean {
  return segment !== "" && segment !== "." && segment !== ".." && !segment.includes("\\") && !segment.includes("\0");
}

/** A loader's name as directories: its "/" make more of them, and what a directory cannot be called is replaced. */
export function childNameOf(loader: string): string {
  const fit = (segment: string): string => {
    const allowed = process.platform === "win32" ? segment.replaceAll(":", "_").replace(/[. ]+$/, "_") : segment;
    return isSegment(allowed) ? allowed : "_";
  };
  return loader.split("/").map(fit).join("/");
}
