import { z } from "zod";
import type { ProgressBarConfig as Input, ResolvedProgressBarConfig as Resolved } from "../../contract/index.js";
import { agreeing, count, field } from "../fields.js";

const schema = () =>
  z.strictObject({
    refreshMs: field(count(0).default(100), "Milliseconds between two redraws on a terminal; 0 redraws after every batch."),
    plainEverySeconds: field(
      z.number().min(0).default(10),
      "Seconds between two plain lines where the output is no terminal; 0 writes one after every batch.",
    ),
  });

export type ProgressBarConfig = Input;
/** How often the progress bar is drawn. */
export const ProgressBarConfig: z.ZodType<Resolved, Input> = agreeing<Resolved, Input>()(
  "How often progress is shown; used where enableProgressBar shows it.",
  schema,
);
