/** Which checkpoints of a directory a manager may see, and which it may delete. */
import type { RunIdentity } from "../../contract/index.js";
import { isSameRun } from "../../support/run-identity.js";
import type { Manifest } from "../format/manifest.js";
import type { Catalog } from "./catalog.js";

/** The catalog as a manager of `run` sees it: its own checkpoints; without a run all. Damaged ones may be anyone's, and stay. */
export function visibleTo(catalog: Catalog, run: RunIdentity | null): Catalog {
  if (run === null) return catalog;
  const isOthers = (owner: RunIdentity | undefined): boolean => owner !== undefined && !isSameRun(owner, run);
  return {
    ...catalog,
    checkpoints: ofRun(catalog.checkpoints, run),
    problems: catalog.problems.filter(({ checkpoint }) => !isOthers(catalog.damagedOf.get(checkpoint))),
  };
}

/** The checkpoints that keep rules of a manager of `run` judge and delete: its own; without a run those of no run. */
export function ofRun(checkpoints: readonly Manifest[], run: RunIdentity | null): Manifest[] {
  return checkpoints.filter((manifest) => isSameRun(manifest.run, run));
}
