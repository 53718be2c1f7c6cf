/** The manager's options with their defaults, checked: what is wrong is thrown before anything is saved. */
import { resolve } from "node:path";
import type { CheckpointOptions, Compression, KeepRule, Mode } from "../contract/index.js";
import { anyOf, keepBest, keepLatest, modeFor } from "../decisions/index.js";
import { TrainscopeError } from "../support/errors.js";
import { suggest } from "../support/nearest.js";
import { missingCompression } from "./format/compression.js";
import { checkTemplate } from "./format/filename.js";
import type { CheckpointFiles } from "./disk/files.js";
import type { Writer } from "./thread/writer.js";

/** For tests of this package: other parts in place of the real ones. */
export const PARTS: unique symbol = Symbol("trainscope checkpoint parts");

export interface Parts {
  writer?: Writer;
  files?: CheckpointFiles;
  now?: () => Date;
}

export interface ResolvedOptions {
  dir: string;
  monitor: string;
  mode: Mode;
  filename: string;
  compress: Compression;
  backupDir: string | null;
  async: boolean;
  keep: KeepRule;
  onWarning: (message: string) => void;
}

const KEYS = {
  dir: true,
  maxCheckpoints: true,
  saveTopK: true,
  saveLast: true,
  monitor: true,
  mode: true,
  filename: true,
  compress: true,
  backupDir: true,
  async: true,
  keep: true,
  onWarning: true,
} satisfies Record<keyof CheckpointOptions, true>;
const COMPRESSIONS: readonly Compression[] = ["none", "gzip", "zstd"];

export function resolveOptions(options: CheckpointOptions): ResolvedOptions {
  for (const key of Object.keys(options)) {
    if (!Object.hasOwn(KEYS, key)) throw configError(key, `"${key}" is not an option.\n${suggest(key, Object.keys(KEYS))}`);
  }
  if (typeof options.dir !== "string" || options.dir === "") throw configError("dir", "Say where the checkpoints lie.");
  const monitor = options.monitor ?? "val/loss";
  const mode = modeFor(monitor, options.mode, "mode");
  const filename = options.filename ?? "epoch-{epoch}-step-{step}";
  checkTemplate(filename, monitor);
  const compress = options.compress ?? "none";
  if (!COMPRESSIONS.includes(compress)) {
    throw configError("compress", `Found ${JSON.stringify(compress)}.\n${suggest(String(compress), COMPRESSIONS)}`);
  }
  const missing = missingCompression(compress);
  if (missing !== null) throw configError("compress", `${missing}.\nTake "gzip" or "none".`);
  const dir = resolve(options.dir);
  const backupDir = options.backupDir === undefined ? null : resolve(options.backupDir);
  if (backupDir === dir) throw configError("backupDir", `${dir} is the directory of the checkpoints themselves.`);
  return {
    dir,
    monitor,
    mode,
    filename,
    compress,
    backupDir,
    async: options.async ?? true,
    keep: options.keep ?? defaultRule(options, mode),
    onWarning: onceEach(options.onWarning ?? (() => undefined)),
  };
}

function defaultRule(options: CheckpointOptions, mode: Mode): KeepRule {
  const { maxCheckpoints = 5, saveTopK = 3, saveLast = true } = options;
  for (const [key, count] of Object.entries({ maxCheckpoints, saveTopK })) {
    if (!Number.isSafeInteger(count) || count < 0) throw configError(key, `Found ${count}; it takes a whole number, at least 0.`);
  }
  const rules = [keepLatest(maxCheckpoints), keepBest(saveTopK, mode)];
  return anyOf(...rules, ...(saveLast ? [keepLatest(1)] : []));
}

/** A fault that is met at every load is told once. A listener that throws must not fail a save. */
function onceEach(listener: (message: string) => void): (message: string) => void {
  const told = new Set<string>();
  return (message) => {
    if (told.has(message)) return;
    told.add(message);
    try {
      listener(message);
    } catch {
      // the listener's own fault
    }
  };
}

function configError(path: string, message: string): TrainscopeError {
  return new TrainscopeError("ERR_CONFIG", message, { path });
}
