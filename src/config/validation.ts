import { z } from "zod";
import type { ResolvedValidationConfig, ValidationConfig as Input } from "../contract/index.js";
import { agreeing, count, field } from "./fields.js";

export type ValidationConfig = Input;

const schema = () =>
  z.strictObject({
    everyNEpochs: field(count().default(1), "Epochs between two validations."),
    everyNSteps: field(
      count().optional(),
      "Steps between two validations; when given, validation goes by steps instead of by epochs.",
    ),
    earlyStoppingSource: field(
      z.enum(["both", "hook", "legacy"]).default("both"),
      "Which early stopping may stop the run: the hook, the top-level keys (legacy), or both.",
    ),
    numSanitySteps: field(count(0).default(0), "Validation batches that run before training, to fail early."),
  });

/** When validation runs. */
export const ValidationConfig: z.ZodType<ResolvedValidationConfig, Input> = agreeing<ResolvedValidationConfig, Input>()(
  "When validation runs.",
  schema,
);
