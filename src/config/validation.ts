import { z } from "zod";
import type { ResolvedValidationConfig, ValidationConfig as Input } from "../contract/index.js";
import { agreeing, count, field } from "./fields.js";

export type ValidationConfig = Input;

const schema = () =>
  z.strictObject({
    everyNEpochs: field(count().default(1), "Epochs between two validations; not used where everyNSteps is given."),
    everyNSteps: field(
      count().optional(),
      "Optimizer steps between two validations; given, validation runs by steps instead of by epochs.",
    ),
    earlyStoppingSource: field(
      z.enum(["both", "hook", "legacy"]).default("both"),
      "Which early stopping may stop the run: the hook, the top-level keys (legacy), or both.",
    ),
    numSanitySteps: field(
      count(0).default(0),
      "Validation batches of each loader that run before training, so that an error in validation shows early; 0: none.",
    ),
  });

/** How often the validation loaders are evaluated, and which early stopping may stop the run. */
export const ValidationConfig: z.ZodType<ResolvedValidationConfig, Input> = agreeing<ResolvedValidationConfig, Input>()(
  "How often the validation loaders are evaluated, and which early stopping may stop the run.",
  schema,
);
