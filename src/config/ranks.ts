import { z } from "zod";
import type { ProcessGroup, RanksConfig as Input, ResolvedRanksConfig } from "../contract/index.js";
import { agreeing, count, field, milliseconds } from "./fields.js";
import { isProcessGroup } from "./instances.js";

export type RanksConfig = Input;

const schema = () =>
  z.strictObject({
    group: field(
      z.custom<ProcessGroup>(isProcessGroup).optional(),
      "How this process communicates with the other ranks; left out: the run is one process.",
      {
        allowed: "a process group: `rank`, `worldSize` and the methods allReduce, broadcast, gather, barrier and close",
        codeOnly: true,
        tsType: "ProcessGroup",
      },
    ),
    syncEveryNSteps: field(
      count().optional(),
      "Optimizer steps between two votes on stopping: fewer stop sooner and communicate more; left out: logEveryNSteps.",
    ),
    timeoutMs: field(
      milliseconds().default(60_000),
      "Milliseconds that a rank waits for the others in one operation before the run fails.",
    ),
  });

/** Training on several ranks. */
export const RanksConfig: z.ZodType<ResolvedRanksConfig, Input> = agreeing<ResolvedRanksConfig, Input>()(
  "Training on several ranks.",
  schema,
);
