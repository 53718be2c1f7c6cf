import type { LoadedCheckpoint, RunIdentity } from "../contract/index.js";
import type { CheckpointManager } from "../checkpoint/index.js";
import type { Place } from "./places.js";

/**
 * The last good checkpoint of `run`: in the directory of `manager`, or in whichever other one has a later step; in a backup only where
 * no other place has any. Throws what the first damaged place throws, where there is no good one at all.
 */
export async function newestCheckpoint(
  manager: CheckpointManager,
  places: readonly Place[],
  run: RunIdentity,
  warn: (message: string) => void,
): Promise<LoadedCheckpoint | null> {
  const others = places.filter(({ dir }) => dir !== manager.dir);
  if (others.length === 0) return manager.loadLast();
  const { CheckpointManager } = await import("../checkpoint/index.js");
  const sources = [
    { from: manager, isBackup: false },
    ...others.map(({ dir, kind }) => ({
      from: new CheckpointManager({ dir, run, onWarning: warn }),
      isBackup: kind === "backup",
    })),
  ];
  const ranked = await Promise.all(
    sources.map(async (source) => ({ ...source, step: (await source.from.list().catch(() => [])).at(-1)?.step ?? -1 })),
  );
  ranked.sort((a, b) => Number(a.isBackup) - Number(b.isBackup) || b.step - a.step);
  let problem: { error: unknown } | null = null;
  for (const { from } of ranked) {
    try {
      const loaded = await from.loadLast();
      if (loaded !== null) return loaded;
    } catch (error) {
      problem ??= { error };
    }
  }
  if (problem !== null) throw problem.error;
  return null;
}
