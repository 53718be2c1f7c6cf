import { z } from "zod";
import type { ConfusionMatrixConfig as Input, ResolvedConfusionMatrixConfig as Resolved } from "../../contract/index.js";
import { agreeing, count, field, text } from "../fields.js";

const schema = () =>
  z.strictObject({
    labels: field(
      z
        .array(text())
        .min(2)
        .refine((labels) => new Set(labels).size === labels.length, { error: "Each class needs a label of its own." })
        .readonly()
        .optional(),
      "Names of the classes, in the order of the model's outputs, all different; left out: their numbers from 0.",
    ),
    normalize: field(
      z.enum(["none", "true", "predicted"]).default("none"),
      "What the cells say: counts, or percentages of the true class (its row) or of the predicted class (its column).",
    ),
    scores: field(
      z.enum(["none", "overall", "perClass"]).default("overall"),
      'Which scores are computed of each validation: val/precision, val/recall and val/f1 (means over the classes; with one output those of class 1), and with "perClass" also val/<label>_f1 and so on.',
    ),
    everyNValidations: field(count().default(1), "Validations between two pictures; scores are computed of each validation."),
    threshold: field(
      z.number().default(0.5),
      "Of a model with one output: the value above which class 1 is predicted; 0 for an output without sigmoid.",
    ),
    maxClasses: field(
      count(2).max(1000).default(100),
      "With more classes there are no matrix and no scores, and a warning says so: a matrix takes memory with the square of their number.",
    ),
  });

export type ConfusionMatrixConfig = Input;
/** How confusion matrices are made of validations, and what is computed from them. */
export const ConfusionMatrixConfig: z.ZodType<Resolved, Input> = agreeing<Resolved, Input>()(
  "Predicted against true classes; used when enableConfusionMatrix is true.",
  schema,
);
