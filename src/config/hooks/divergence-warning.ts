import { z } from "zod";
import type { DivergenceWarningConfig as Input, ResolvedDivergenceWarningConfig as Resolved } from "../../contract/index.js";
import { agreeing, field, modeField, monitorField, windowField } from "../fields.js";

const schema = () =>
  z.strictObject({
    monitor: monitorField("val/loss"),
    mode: modeField(),
    factor: field(
      z.number().gt(0).default(2),
      "How far from its best the metric may be, in multiples of what noise explains; a larger value warns later.",
    ),
    window: windowField(5, "Checks whose median is the level that is compared with the best."),
  });

export type DivergenceWarningConfig = Input;
/** When a diverging metric is reported. */
export const DivergenceWarningConfig: z.ZodType<Resolved, Input> = agreeing<Resolved, Input>()(
  "When a warning reports that a metric diverges; used when enableDivergenceWarning is true.",
  schema,
);
