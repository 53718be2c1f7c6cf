import { z } from "zod";
import type { ReduceLROnPlateauConfig as Input, ResolvedReduceLROnPlateauConfig as Resolved } from "../../contract/index.js";
import { agreeing, count, field, minDeltaField, modeField, monitorField } from "../fields.js";

const schema = () =>
  z.strictObject({
    monitor: monitorField("val/loss"),
    mode: modeField(),
    factor: field(z.number().gt(0).lt(1).default(0.1), "The learning rate is multiplied by this; a smaller value cuts more."),
    patience: field(count().default(10), "Checks in a row without improvement after which the learning rate is reduced."),
    minDelta: minDeltaField(0.0001),
    cooldown: field(count(0).default(0), "Checks after a reduction that do not count as checks without improvement."),
    minLr: field(z.number().min(0).default(0), "The learning rate is never reduced below this."),
  });

export type ReduceLROnPlateauConfig = Input;
/** When and by how much a plateau reduces the learning rate. */
export const ReduceLROnPlateauConfig: z.ZodType<Resolved, Input> = agreeing<Resolved, Input>()(
  "When and by how much the learning rate is reduced; used when enableReduceLROnPlateau is true.",
  schema,
);
