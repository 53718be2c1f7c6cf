import { z } from "zod";
import type {
  LearningRateScheduleConfig as Input,
  ResolvedLearningRateScheduleConfig as Resolved,
} from "../../contract/index.js";
import { agreeing, count, field } from "../fields.js";

const GAMMA = 0.1;
const MIN_LR = 0;
const PCT_START = 0.3;

const shape = () =>
  z.strictObject({
    kind: field(
      z.enum(["constant", "step", "cosine", "oneCycle"]).default("constant"),
      "The shape of the schedule after the warm-up.",
    ),
    warmupSteps: field(
      count(0).default(0),
      "Steps over which the learning rate rises linearly from 0 before the schedule begins; 0: no warm-up.",
    ),
    totalSteps: field(
      count().optional(),
      "cosine, oneCycle: the optimizer steps the schedule spans, warm-up included, with its end value at the last of them; left out: the length of the run, by the shorter of maxSteps and maxEpochs, where it is known.",
    ),
    stepSize: field(count().optional(), "step: steps between two cuts of the learning rate; required there."),
    gamma: field(z.number().gt(0).default(GAMMA), "step: the factor of each cut; a smaller one cuts more."),
    minLr: field(
      z.number().min(0).default(MIN_LR),
      "cosine, oneCycle: the learning rate at the end of the schedule; not above the one that the optimizers start with.",
    ),
    maxLr: field(
      z.number().gt(0).optional(),
      "oneCycle: the learning rate at the peak, of every optimizer; required there, and not below the one that they start with.",
    ),
    pctStart: field(
      z.number().gt(0).lt(1).default(PCT_START),
      "oneCycle: the share of the steps, between 0 and 1, in which the rate rises; the last of these steps has the peak.",
    ),
  });

const schema = () =>
  shape().superRefine((given, context) => {
    if (context.issues.length > 0) return; // a value that is wrong is reported alone
    const complain = (path: keyof Input, message: string): void => context.addIssue({ code: "custom", path: [path], message });
    const { kind, warmupSteps, totalSteps, stepSize, minLr, maxLr } = given;
    if (kind === "step" && stepSize === undefined)
      complain("stepSize", 'kind "step" needs stepSize, the steps between two cuts.');
    if (kind === "oneCycle" && maxLr === undefined)
      complain("maxLr", 'kind "oneCycle" needs maxLr, the learning rate at the peak.');
    if (maxLr !== undefined && minLr > maxLr) complain("minLr", `minLr is above maxLr (${maxLr}). Lower minLr or raise maxLr.`);
    if (totalSteps !== undefined && warmupSteps >= totalSteps)
      complain("warmupSteps", `warmupSteps is not below totalSteps (${totalSteps}). Lower it or raise totalSteps.`);
    for (const [key, kinds] of unusedBy(given)) {
      const users = kinds.map((one) => `"${one}"`).join(" or ");
      complain(key, `Only kind ${users} uses it, and kind is "${kind}". Set kind: ${users}, or leave ${key} out.`);
    }
  });

/** The options that are given, or have another value than their default, and that the kind does not use; with the kinds that do. */
function unusedBy({ kind, totalSteps, stepSize, gamma, minLr, maxLr, pctStart }: Resolved): [keyof Input, Resolved["kind"][]][] {
  const used: [keyof Input, boolean, Resolved["kind"][]][] = [
    ["totalSteps", totalSteps !== undefined, ["cosine", "oneCycle"]],
    ["stepSize", stepSize !== undefined, ["step"]],
    ["gamma", gamma !== GAMMA, ["step"]],
    ["minLr", minLr !== MIN_LR, ["cosine", "oneCycle"]],
    ["maxLr", maxLr !== undefined, ["oneCycle"]],
    ["pctStart", pctStart !== PCT_START, ["oneCycle"]],
  ];
  return used.flatMap(([key, given, kinds]) => (given && !kinds.includes(kind) ? [[key, kinds]] : []));
}

export type LearningRateScheduleConfig = Input;
/** A learning rate as a function of the step. */
export const LearningRateScheduleConfig: z.ZodType<Resolved, Input> = agreeing<Resolved, Input>()(
  "The learning rate as a function of the step; used when enableLearningRateSchedule is true.",
  schema,
);
