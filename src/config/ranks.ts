import { z } from "zod";
import type { ProcessGroup, RanksConfig as Input, ResolvedRanksConfig } from "../contract/index.js";
import { agreeing, count, field } from "./fields.js";
import { isProcessGroup } from "./instances.js";

export type RanksConfig = Input;

const schema = () =>
  z.strictObject({
    group: field(
      z.custom<ProcessGroup>(isProcessGroup).optional(),
      "How this process talks to the other ranks; left out: one process.",
      {
        allowed: "a process group: `rank`, `worldSize` and the methods allReduce, broadcast, gather, barrier and close",
        codeOnly: true,
      },
    ),
    syncEveryNSteps: field(count().optional(), "Steps between two agreements on stopping; left out: logEveryNSteps."),
    timeoutMs: field(count().default(60_000), "Milliseconds a rank waits for the others before it fails."),
  });

/** Training on several ranks. */
export const RanksConfig: z.ZodType<ResolvedRanksConfig, Input> = agreeing<ResolvedRanksConfig, Input>()(
  "Training on several ranks.",
  schema,
);
