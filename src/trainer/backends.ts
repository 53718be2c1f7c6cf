import type { LoggerBackend, ResolvedGenericTrainerConfig } from "../contract/index.js";
import { activeLoggers } from "../config/index.js";
import type { RunPaths } from "./paths.js";

/**
 * The backends of a run, in order: those the config names, the training log, the user's own. Their modules are imported
 * here, so that a run loads only what it uses. Ranks other than 0 have a training log of their own, for text and events only.
 */
export async function makeBackends(
  config: ResolvedGenericTrainerConfig,
  { tensorboardDir }: RunPaths,
  rank: number,
  warn: (message: string) => void,
): Promise<LoggerBackend[]> {
  const { TrainingLogBackend } = await import("../loggers/training-log/index.js");
  const named = activeLoggers(config.logging);
  const onError = (error: Error): void => warn(error.message);
  const log = new TrainingLogBackend({ level: config.logLevel, metrics: named.length > 0, onError });
  if (rank !== 0) return [new (await import("../loggers/composite/primary-only.js")).PrimaryOnlyBackend(log)];
  const backends: LoggerBackend[] = [];
  for (const name of named) backends.push(await makeBackend(name, { config, tensorboardDir, onError }));
  return [...backends, log, ...config.logging.loggers];
}

interface BackendOptions {
  readonly config: ResolvedGenericTrainerConfig;
  readonly tensorboardDir: string | undefined;
  readonly onError: (error: Error) => void;
}

async function makeBackend(
  name: ReturnType<typeof activeLoggers>[number],
  { config, tensorboardDir, onError }: BackendOptions,
): Promise<LoggerBackend> {
  switch (name) {
    case "console":
      return new (await import("../loggers/console/index.js")).ConsoleBackend({ level: config.logLevel });
    case "tensorboard":
      return new (await import("../loggers/tensorboard/index.js")).TensorBoardBackend({
        runsDir: tensorboardDir,
        layout: config.logging.tensorboardLayout,
        onError,
      });
  }
}
