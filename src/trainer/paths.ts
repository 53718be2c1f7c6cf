import { resolve } from "node:path";
import type { ResolvedGenericTrainerConfig } from "../contract/index.js";

/** The directories that a config names, absolute: relative ones belong to the working directory in which the trainer was made. */
export interface RunPaths {
  /** Hook files of the config are looked up from here. */
  readonly cwd: string;
  readonly tensorboardDir: string | undefined;
  readonly checkpointDir: string | undefined;
  readonly checkpointRootDir: string | undefined;
  readonly backupDir: string | undefined;
  /** Where `TRAINSCOPE_CHECKPOINT_DIR` puts checkpoints, whatever the config says. */
  readonly environmentRootDir: string | undefined;
}

export function pathsOf({ hooks, logging }: ResolvedGenericTrainerConfig): RunPaths {
  const cwd = process.cwd();
  const absolute = (path: string | undefined): string | undefined => (path === undefined ? undefined : resolve(cwd, path));
  const { dir, rootDir, backupDir } = hooks.modelCheckpointConfig;
  const fromEnvironment = process.env["TRAINSCOPE_CHECKPOINT_DIR"];
  return {
    cwd,
    tensorboardDir: absolute(logging.tensorboardDir),
    checkpointDir: absolute(dir),
    checkpointRootDir: absolute(rootDir),
    backupDir: absolute(backupDir),
    environmentRootDir: absolute(fromEnvironment === "" ? undefined : fromEnvironment),
  };
}
