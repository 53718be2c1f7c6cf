import { join, resolve } from "node:path";
import type { RunInfo } from "../contract/index.js";
import { isDirectory, namesIn } from "../support/directories.js";
import { readRegularFile } from "../support/regular-file.js";
import type { RunPaths } from "./paths.js";

const MAX_CONFIG_BYTES = 2 ** 20;

/** A directory where checkpoints of a run may be. */
export interface Place {
  dir: string;
  /**
   * Whose checkpoints are there: those of this run alone, by the path, as those of its name in a `rootDir`; those of whoever wrote them;
   * or copies, which are looked at last.
   */
  kind: "own" | "shared" | "backup";
}

/** Where one config puts checkpoints. */
type Placement = Partial<Record<"dir" | "rootDir" | "backupDir", string | undefined>>;

/** The directory that the run saves into, absolute. */
export function checkpointDir(paths: RunPaths, { dir, runName }: Pick<RunInfo, "dir" | "runName">): string {
  const { checkpointDir: given, checkpointRootDir: root } = paths;
  return given ?? (root === undefined ? join(dir, "checkpoints") : join(root, runName));
}

/**
 * Every directory that exists and where checkpoints of this run may be, that of `checkpointDir` first, backups last: what the config
 * and the environment say now, and what the configs say that earlier starts left in the run's directory.
 */
export async function placesOf(paths: RunPaths, run: Pick<RunInfo, "dir" | "runName">): Promise<Place[]> {
  const { checkpointDir: dir, checkpointRootDir: rootDir, backupDir, environmentRootDir, cwd } = paths;
  const settings: Placement[] = [
    { dir, rootDir, backupDir },
    ...(await earlierPlacements(run.dir)),
    { rootDir: environmentRootDir },
  ];
  const places = new Map<string, Place>();
  const add = (given: string | undefined, kind: Place["kind"]): void => {
    const path = given === undefined ? undefined : resolve(cwd, given);
    if (path !== undefined && !places.has(path) && isDirectory(path)) places.set(path, { dir: path, kind });
  };
  add(checkpointDir(paths, run), dir === undefined ? "own" : "shared");
  add(join(run.dir, "checkpoints"), "own");
  for (const setting of settings) add(setting.rootDir === undefined ? undefined : join(setting.rootDir, run.runName), "own");
  for (const setting of settings) add(setting.dir, "shared");
  for (const setting of settings) add(setting.backupDir, "backup");
  return [...places.values()];
}

/** What the configs in a run's directory say about its checkpoints. One that cannot be read says nothing. */
async function earlierPlacements(runDir: string): Promise<Placement[]> {
  const files = namesIn(runDir).filter((name) => /^config(\.resume-\d+)?\.yaml$/.test(name));
  if (files.length === 0) return [];
  const { parse } = await import("yaml");
  return files.flatMap((file) => {
    try {
      const config = parse(readRegularFile(join(runDir, file), MAX_CONFIG_BYTES), { logLevel: "silent" }) as {
        hooks?: { modelCheckpointConfig?: object };
      } | null;
      return [onlyTexts(config?.hooks?.modelCheckpointConfig ?? {})];
    } catch {
      return [];
    }
  });
}

function onlyTexts(section: object): Placement {
  return Object.fromEntries(Object.entries(section).filter(([, value]) => typeof value === "string" && value !== ""));
}
