import { z } from "zod";
import type { TerminateOnNaNConfig as Input, ResolvedTerminateOnNaNConfig as Resolved } from "../../contract/index.js";
import { agreeing, field, flag } from "../fields.js";

const schema = () =>
  z
    .strictObject({
      check: field(
        z.enum(["boundary", "everyStep"]).default("boundary"),
        'Checks the train metrics at log boundaries, which costs nothing in between, or reads the loss after every step ("everyStep"), which waits for the device.',
      ),
      dumpBatch: field(
        flag(false),
        'Writes the batch with the first bad loss to the run\'s directory; needs check: "everyStep".',
      ),
    })
    .refine(({ check, dumpBatch }) => check === "everyStep" || !dumpBatch, {
      error: 'At a boundary the batch is gone. Set check: "everyStep", or leave dumpBatch out.',
      path: ["dumpBatch"],
    });

export type TerminateOnNaNConfig = Input;
/** When train metrics are checked for NaN and infinities. */
export const TerminateOnNaNConfig: z.ZodType<Resolved, Input> = agreeing<Resolved, Input>()(
  "When train metrics are checked for NaN and infinities; used when enableTerminateOnNaN is true.",
  schema,
);
