import { resolve } from "node:path";
import { z } from "zod";
import { agreeing, callback, directory, field, instance } from "../config/fields.js";
import { checkpointFields, keepProblems } from "../config/hooks/model-checkpoint.js";
import { parseConfig } from "../config/problems.js";
import type { CheckpointOptions as Input, Compression, KeepRule, Mode, RunIdentity, WithDefaults } from "../contract/index.js";
import { templateProblem } from "../decisions/checkpoint-name.js";
import { anyOf, keepAll, keepBest, keepLatest } from "../decisions/index.js";
import { onceForEachMessage } from "../support/guarded-listener.js";
import { identityOf } from "../support/run-identity.js";
import { userPath } from "../support/user-path.js";
import { missingCompression } from "./format/compression.js";

type Resolved = WithDefaults<
  Input,
  "maxCheckpoints" | "saveTopK" | "saveLast" | "monitor" | "mode" | "filename" | "compress" | "async"
>;

const schema = () =>
  z
    .strictObject({
      dir: field(
        directory(),
        "The directory of the checkpoints, made by the first save. It may be moved or copied while no run writes to it.",
      ),
      ...checkpointFields(),
      keep: instance<KeepRule>(
        isKeepRule,
        'a keep rule, such as keepBest(3, "min")',
        "Which checkpoints are kept, in place of maxCheckpoints, saveTopK and saveLast: one rule, or anyOf(…) several.",
      ).optional(),
      run: instance<RunIdentity>(
        (value) => identityOf(value) !== null,
        "an object with a `runId` and a `runName`, such as `trainer.run`",
        "The run that the checkpoints belong to, such as `trainer.run`: the manager lists, loads, ranks and deletes only those of this runId. Left out: it lists and loads all, and deletes by its keep rules only those of no run.",
      ).optional(),
      onWarning: callback<(message: string) => void>(
        "Called once for each warning: a damaged checkpoint that was skipped, one that could not be deleted or copied to backupDir, a keep rule that threw. What it throws is ignored.",
      ).optional(),
    })
    .superRefine(({ dir, monitor, filename, compress, backupDir, ...kept }, context) => {
      const refuse = (key: keyof Input, message: string): void => context.addIssue({ code: "custom", path: [key], message });
      for (const [key, problem] of keepProblems(kept)) refuse(key, problem);
      const inFilename = templateProblem(filename, monitor);
      if (inFilename !== null) refuse("filename", inFilename);
      const missing = missingCompression(compress);
      if (missing !== null) refuse("compress", `${missing}. Use "gzip" or "none", or a newer Node.`);
      if (backupDir !== undefined && resolve(backupDir) === resolve(dir)) {
        refuse("backupDir", "This is the directory of the checkpoints itself. Give another one.");
      }
    });

/** The schema of `CheckpointOptions`. */
export const CheckpointOptions: z.ZodType<Resolved, Input> = agreeing<Resolved, Input>()(
  "What a CheckpointManager takes.",
  schema,
);

function isKeepRule(value: unknown): boolean {
  return typeof value === "object" && value !== null && typeof (value as Partial<KeepRule>).keeps === "function";
}

/** The options as the parts of a manager use them. */
export interface CheckpointSettings {
  /** Absolute, as `backupDir`. */
  readonly dir: string;
  readonly monitor: string;
  readonly mode: Mode;
  readonly filename: string;
  readonly compress: Compression;
  readonly backupDir: string | null;
  readonly async: boolean;
  readonly keep: KeepRule;
  /** Whose checkpoints are seen and saved; null: all are seen, and those that are saved are no run's. */
  readonly run: RunIdentity | null;
  /** Never throws, and reports each message once. */
  readonly warn: (message: string) => void;
}

/** Throws `ERR_CONFIG`, with everything that is wrong, or `ERR_MODE_REQUIRED`. */
export function settingsOf(options: Input): CheckpointSettings {
  const parsed = parseConfig(CheckpointOptions, options, "CheckpointManager");
  const { dir, monitor, mode, filename, compress, backupDir, async, onWarning } = parsed;
  return {
    dir: userPath(dir),
    monitor,
    mode,
    filename,
    compress,
    backupDir: backupDir === undefined ? null : userPath(backupDir),
    async,
    keep: parsed.keep ?? keepRuleOf(parsed),
    run: identityOf(parsed.run),
    warn: onceForEachMessage(onWarning),
  };
}

function keepRuleOf({ maxCheckpoints, saveTopK, saveLast, mode }: Resolved): KeepRule {
  if (saveTopK === -1) return keepAll();
  const rules = [keepLatest(maxCheckpoints), keepBest(saveTopK, mode)];
  return anyOf(...rules, ...(saveLast ? [keepLatest(1)] : []));
}
