import { z } from "zod";
import type { ModelCheckpointConfig as Input, ResolvedModelCheckpointConfig } from "../../contract/index.js";
import { agreeing, count, field, flag, modeField, monitorField, text } from "../fields.js";

export type ModelCheckpointConfig = Input;

const schema = () =>
  z.strictObject({
    dir: field(
      text().optional(),
      "Where checkpoints lie; left out: checkpoints/ in the run's directory, or a directory for the run in TRAINSCOPE_CHECKPOINT_DIR.",
    ),
    maxCheckpoints: field(count().default(5), "The newest that are kept."),
    saveTopK: field(count(0).default(3), "The best that are kept."),
    saveLast: field(flag(true), "Keeps the newest in any case, and saves one when the run ends."),
    monitor: monitorField("val/loss"),
    mode: modeField(),
    everyNEpochs: field(count().optional(), "Epochs between saves; 1 where neither everyNSteps nor everyMinutes is given.", {
      default: 1,
    }),
    everyNSteps: field(count().optional(), "Optimizer steps between saves."),
    everyMinutes: field(z.number().positive().optional(), "Minutes between saves."),
    filename: field(
      text().default("epoch-{epoch}-step-{step}"),
      "The name of a checkpoint's directory; {epoch}, {step} and metrics such as {val/loss} are filled in.",
    ),
    compress: field(
      z.enum(["none", "gzip", "zstd"]).default("none"),
      "How the files are compressed; zstd needs Node 22.15 or newer.",
    ),
    backupDir: field(text().optional(), "Every checkpoint is copied there too."),
    async: field(flag(true), "Hashes and writes beside the training; false: training waits until the checkpoint is durable."),
    onSaveError: field(z.enum(["continue", "stop"]).default("continue"), "What a save that failed does to the run."),
  });

export const ModelCheckpointConfig: z.ZodType<ResolvedModelCheckpointConfig, Input> = agreeing<
  ResolvedModelCheckpointConfig,
  Input
>()("When checkpoints are saved and which of them stay; used when enableModelCheckpointHook is true.", schema);
