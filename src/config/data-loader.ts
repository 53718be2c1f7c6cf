import { z } from "zod";
import type { MultiDataLoaderConfig as Input, ResolvedMultiDataLoaderConfig } from "../contract/index.js";
import { agreeing, count, field } from "./fields.js";

export type MultiDataLoaderConfig = Input;

const weight = () => z.number().min(0);
const weights = () =>
  z
    .union([z.array(weight()).min(1).readonly(), z.record(z.string().min(1), weight()).readonly()])
    .refine((given) => Object.values(given).some((value) => value > 0), { error: "At least one weight must be above 0." });

const shape = () =>
  z.strictObject({
    samplingStrategy: field(
      z.enum(["weighted", "roundRobin", "sequential", "alternating", "proportional"]).default("sequential"),
      "How the next batch is chosen among several loaders.",
    ),
    dataloaderWeights: field(
      weights().optional(),
      'How often each loader is drawn relative to the others, by position or by loader name; used by "weighted" only; left out: equally.',
      {
        allowed: "a list of numbers of at least 0, or an object of them by loader name, one of them above 0",
      },
    ),
    blockSize: field(count().default(1), 'Batches in a row from one loader; used by "alternating" only.'),
    exhaustion: field(
      z.enum(["stopAtShortest", "stopAtLongest", "stopAtAll"]).default("stopAtAll"),
      "When an epoch ends: at the first loader that ends, at the last one (the others start again), or when each was read once; used without batchesPerEpoch only.",
    ),
    batchesPerEpoch: field(
      count().optional(),
      "The length of an epoch in batches. Epochs are cut from one stream: the next one continues where it ended, and a loader starts again when it is exhausted; left out: given by exhaustion.",
    ),
  });

const schema = () =>
  shape().superRefine(({ samplingStrategy, dataloaderWeights, blockSize, exhaustion, batchesPerEpoch }, context) => {
    if (context.issues.length > 0) return; // a value that is wrong is reported alone
    const usedBy = (strategy: string, key: string): void => {
      if (samplingStrategy === strategy) return;
      const message = `Only "${strategy}" uses it, and samplingStrategy is "${samplingStrategy}". Set samplingStrategy: "${strategy}", or leave ${key} out.`;
      context.addIssue({ code: "custom", path: [key], message });
    };
    if (dataloaderWeights !== undefined) usedBy("weighted", "dataloaderWeights");
    if (blockSize > 1) usedBy("alternating", "blockSize");
    if (batchesPerEpoch !== undefined && exhaustion !== "stopAtAll") {
      const message = `With batchesPerEpoch: ${batchesPerEpoch} every epoch has that many batches, whichever loader ends in it. Leave one of the two out.`;
      context.addIssue({ code: "custom", path: ["exhaustion"], message });
    }
  });

/** How the batches of several loaders become one stream. */
export const MultiDataLoaderConfig: z.ZodType<ResolvedMultiDataLoaderConfig, Input> = agreeing<
  ResolvedMultiDataLoaderConfig,
  Input
>()("How the batches of several loaders become one stream.", schema);
