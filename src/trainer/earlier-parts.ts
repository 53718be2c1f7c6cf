import type { RunIdentity, RunInfo } from "../contract/index.js";
import { isSameRun, runText } from "../support/run-identity.js";
import type { RunPaths } from "./paths.js";
import { placesOf } from "./places.js";

/** Checkpoints that were found in one directory and belong to one run. */
export interface EarlierPart {
  dir: string;
  /** Null for damaged ones that do not say whose they are, in a directory that is the run's by its path. */
  run: RunIdentity | null;
  count: number;
  /** In the run's own directory, or in one of its name. */
  isOwnPlace: boolean;
  /** The order of the newest one among those of the directory. */
  sequence: number;
}

/**
 * Checkpoints that may be of the run in `info`: those of its name, wherever they are, and all that are in its own directories. Those
 * of other runs are left out.
 */
export async function earlierParts(paths: RunPaths, info: Pick<RunInfo, "dir" | "runName">): Promise<EarlierPart[]> {
  const places = await placesOf(paths, info);
  if (places.length === 0) return []; // a run without checkpoints does not load what reads them
  const [{ readCatalog }, { nodeFiles }] = await Promise.all([
    import("../checkpoint/disk/catalog.js"),
    import("../checkpoint/disk/files.js"),
  ]);
  const parts: EarlierPart[] = [];
  for (const { dir, kind } of places) {
    const catalog = await readCatalog(nodeFiles, dir).catch(() => null); // one that cannot be read is reported when it is locked
    const isOwnPlace = kind === "own";
    const mayBe = (run: RunIdentity): boolean => isOwnPlace || run.runName === info.runName;
    const add = (run: RunIdentity | null, sequence: number): void => {
      const same = parts.find((part) => part.dir === dir && isSameRun(part.run, run));
      if (same === undefined) parts.push({ dir, run, count: 1, isOwnPlace, sequence });
      else Object.assign(same, { count: same.count + 1, sequence: Math.max(same.sequence, sequence) });
    };
    for (const { run, sequence } of catalog?.checkpoints ?? []) if (run !== null && mayBe(run)) add(run, sequence);
    for (const { checkpoint } of catalog?.problems ?? []) {
      const run = catalog?.damagedOf.get(checkpoint) ?? null;
      if (run === null ? isOwnPlace : mayBe(run)) add(run, 0);
    }
  }
  return parts;
}

/**
 * The identity that earlier parts give to a run whose directory does not say it; null where they give none. In its own directories the
 * newest checkpoint counts; elsewhere the name does, as long as all of that name are one run's.
 */
export function identityIn(parts: readonly EarlierPart[]): RunIdentity | "ambiguous" | null {
  const named = parts.filter(({ run }) => run !== null);
  const own = named.filter(({ isOwnPlace }) => isOwnPlace).toSorted((a, b) => b.sequence - a.sequence)[0];
  if (own !== undefined) return own.run;
  const [first, ...others] = named;
  if (first === undefined) return null;
  return others.every(({ run }) => isSameRun(run, first.run)) ? first.run : "ambiguous";
}

/** The parts as lines of a message. */
export function partsText(parts: readonly EarlierPart[]): string {
  return parts
    .map(
      ({ dir, run, count }) =>
        `- ${count} checkpoint${count === 1 ? "" : "s"} in ${dir}${run === null ? ", damaged" : ` of the ${runText(run)}`}`,
    )
    .join("\n");
}
