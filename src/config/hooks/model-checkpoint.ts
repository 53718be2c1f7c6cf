import { z } from "zod";
import type {
  Compression,
  ModelCheckpointConfig as Input,
  ResolvedModelCheckpointConfig as Resolved,
} from "../../contract/index.js";
import { templateProblem } from "../../decisions/checkpoint-name.js";
import { agreeing, count, directory, field, flag, modeField, monitorField, text } from "../fields.js";

/** The options that the trainer's checkpoint hook and a `CheckpointManager` share. */
export interface CheckpointFields {
  readonly maxCheckpoints: z.ZodDefault<z.ZodInt>;
  readonly saveTopK: z.ZodDefault<z.ZodInt>;
  readonly saveLast: z.ZodDefault<z.ZodBoolean>;
  readonly monitor: ReturnType<typeof monitorField>;
  readonly mode: ReturnType<typeof modeField>;
  readonly filename: z.ZodDefault<z.ZodString>;
  readonly compress: z.ZodDefault<z.ZodEnum<{ [C in Compression]: C }>>;
  readonly backupDir: z.ZodOptional<z.ZodString>;
  readonly async: z.ZodDefault<z.ZodBoolean>;
}

const KEPT = { maxCheckpoints: 5, saveTopK: 3, saveLast: true } as const;

/** What of the keys that say which checkpoints are kept would do nothing beside another of them. */
export function keepProblems(given: {
  readonly maxCheckpoints: number;
  readonly saveTopK: number;
  readonly saveLast: boolean;
  readonly keep?: object | undefined;
}): [key: keyof typeof KEPT, problem: string][] {
  const changed = (Object.keys(KEPT) as (keyof typeof KEPT)[]).filter((key) => given[key] !== KEPT[key]);
  if (given.keep !== undefined)
    return changed.map((key) => [key, `keep decides alone which checkpoints are kept. Leave out keep, or ${key}.`]);
  if (given.saveTopK !== -1 || !changed.includes("maxCheckpoints")) return [];
  return [["maxCheckpoints", "saveTopK: -1 keeps all checkpoints. Leave maxCheckpoints out, or set saveTopK to at least 0."]];
}

export function checkpointFields(): CheckpointFields {
  return {
    maxCheckpoints: field(
      count(0).default(KEPT.maxCheckpoints),
      "How many of the newest checkpoints are kept; 0: only the best and, with saveLast, the last.",
    ),
    saveTopK: field(
      count(-1).default(KEPT.saveTopK),
      "How many of the best checkpoints by monitor are kept, beside the newest; of equal ones the older; 0: none for its score; -1: all checkpoints are kept, also those without a score.",
    ),
    saveLast: field(
      flag(KEPT.saveLast),
      "Keeps the newest checkpoint even when maxCheckpoints is 0; with the trainer, also saves one when the run ends.",
    ),
    monitor: monitorField("val/loss"),
    mode: modeField(),
    filename: field(
      text().default("epoch-{epoch}-step-{step}"),
      'The name of a checkpoint\'s directory; {epoch}, {step} and metrics such as {val/loss} (four decimals, "none" when not measured) are filled in. A name that exists gets "-2", "-3", ….',
    ),
    compress: field(
      z.enum(["none", "gzip", "zstd"]).default("none"),
      "How the files are compressed. Weights shrink little and take longer to save; zstd needs Node 22.15 or newer.",
    ),
    backupDir: field(
      directory().optional(),
      "A second directory that every committed checkpoint is copied to, and deleted from when it is deleted here; several runs may share it; an error there is a warning.",
    ),
    async: field(
      flag(true),
      "Hashes, compresses and writes on another thread while training continues; false: training waits until the checkpoint is durable.",
    ),
  };
}

const schema = () => {
  const { filename, compress, backupDir, async, ...kept } = checkpointFields();
  const shape = z.strictObject({
    dir: field(directory().optional(), "The directory of the run's checkpoints; left out: given by rootDir."),
    rootDir: field(
      directory().optional(),
      "A directory that holds one directory of checkpoints for each run, by runName; left out: TRAINSCOPE_CHECKPOINT_DIR, else checkpoints/ in the run's directory.",
    ),
    ...kept,
    everyNEpochs: field(count().optional(), "Epochs between saves; 1 where neither everyNSteps nor everyMinutes is given.", {
      default: 1,
    }),
    everyNSteps: field(count().optional(), "Optimizer steps between saves; left out: saves are not counted in steps."),
    everyMinutes: field(z.number().positive().optional(), "Minutes between saves; left out: saves are not timed."),
    filename,
    compress,
    backupDir,
    async,
    onSaveError: field(
      z.enum(["continue", "stop"]).default("continue"),
      'What a failed save does: "continue" warns and trains on, "stop" ends the run. Either way the result counts it.',
    ),
  });
  return shape
    .refine((given) => given.dir === undefined || given.rootDir === undefined, {
      error: "dir and rootDir are both given. Leave one out.",
      path: ["rootDir"],
    })
    .superRefine(({ filename: template, monitor, ...rest }, context) => {
      const refuse = (key: string, message: string): void => context.addIssue({ code: "custom", path: [key], message });
      const problem = templateProblem(template, monitor);
      if (problem !== null) refuse("filename", problem);
      for (const [key, message] of keepProblems(rest)) refuse(key, message);
    })
    .transform((given) =>
      given.everyNSteps === undefined && given.everyMinutes === undefined
        ? { ...given, everyNEpochs: given.everyNEpochs ?? 1 }
        : given,
    );
};

export type ModelCheckpointConfig = Input;
/** When checkpoints are saved, and which of them are kept. */
export const ModelCheckpointConfig: z.ZodType<Resolved, Input> = agreeing<Resolved, Input>()(
  "When checkpoints are saved and which of them are kept; used when enableModelCheckpointHook is true.",
  schema,
);
