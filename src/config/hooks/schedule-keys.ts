/** Which keys of a learning-rate schedule belong together, and which kind uses which. */
import type {
  LearningRateScheduleConfig as Input,
  ResolvedLearningRateScheduleConfig as Resolved,
  ScheduleKind,
} from "../../contract/index.js";

export const SCHEDULE_KINDS = [
  "constant",
  "step",
  "milestones",
  "exponential",
  "linear",
  "polynomial",
  "cosine",
  "cosineRestarts",
  "oneCycle",
  "function",
] as const;

type Key = keyof Input;
type Complaint = readonly [key: Key, message: string];

export const SCHEDULE_DEFAULTS = { gamma: 0.1, power: 1, minLr: 0, cycleFactor: 1, cycleDecay: 1, pctStart: 0.3 } as const;

/** The kinds that use a key; the other keys are for all of them. */
const USERS: Partial<Record<Key, readonly ScheduleKind[]>> = {
  totalSteps: ["exponential", "linear", "polynomial", "cosine", "cosineRestarts", "oneCycle", "function"],
  stepSize: ["step", "exponential"],
  gamma: ["step", "milestones", "exponential"],
  milestones: ["milestones"],
  power: ["polynomial"],
  minLr: ["linear", "polynomial", "cosine", "cosineRestarts", "oneCycle"],
  cycles: ["cosineRestarts"],
  cycleSteps: ["cosineRestarts"],
  cycleFactor: ["cosineRestarts"],
  cycleDecay: ["cosineRestarts"],
  maxLr: ["oneCycle"],
  pctStart: ["oneCycle"],
  rate: ["function"],
};

/** What a kind cannot be without, and what that is. */
const REQUIRED: Partial<Record<ScheduleKind, readonly [key: Key, what: string]>> = {
  step: ["stepSize", "the steps between two cuts"],
  milestones: ["milestones", "the steps of the cuts, such as [1000, 2000]"],
  oneCycle: ["maxLr", "the learning rate at the peak"],
  function: ["rate", "(step, totalSteps, baseRate) => learning rate; only code can give it"],
};

/** What is wrong between the keys of one schedule, each with the key to change. */
export function scheduleKeyProblems(given: Resolved): readonly Complaint[] {
  return [...missing(given), ...lengths(given), ...milestones(given), ...unused(given)];
}

function missing({ kind, ...given }: Resolved): Complaint[] {
  const [key, what] = REQUIRED[kind] ?? [];
  if (key !== undefined && given[key as keyof typeof given] === undefined)
    return [[key, `kind "${kind}" needs ${key}, ${what}.`]];
  if (kind !== "cosineRestarts" || given.cycles !== undefined || given.cycleSteps !== undefined) return [];
  return [
    ["cycles", 'kind "cosineRestarts" needs cycles, how many there are in the run, or cycleSteps, the length of the first one.'],
  ];
}

function lengths({ kind, warmupSteps, totalSteps, minLr, maxLr, stepSize, cycles, cycleSteps }: Resolved): Complaint[] {
  const found: Complaint[] = [];
  if (maxLr !== undefined && minLr > maxLr) found.push(["minLr", `minLr is above maxLr (${maxLr}). Lower minLr or raise maxLr.`]);
  if (totalSteps !== undefined && warmupSteps >= totalSteps)
    found.push(["warmupSteps", `warmupSteps is not below totalSteps (${totalSteps}). Lower it or raise totalSteps.`]);
  if (cycles !== undefined && cycleSteps !== undefined)
    found.push(["cycleSteps", "cycles and cycleSteps are both given, and each gives the length of a cycle. Leave one out."]);
  const own = kind === "exponential" && stepSize !== undefined ? "stepSize" : cycleSteps !== undefined ? "cycleSteps" : null;
  if (totalSteps !== undefined && own !== null)
    found.push(["totalSteps", `It is not used beside ${own}, with which the schedule has no end. Leave one of them out.`]);
  return found;
}

function milestones({ milestones: steps = [], warmupSteps, kind }: Resolved): Complaint[] {
  if (kind !== "milestones" || steps.length === 0) return [];
  const at = steps.findIndex((step, i) => i > 0 && step <= (steps[i - 1] ?? 0));
  if (at !== -1) return [["milestones", `${steps[at]} comes after ${steps[at - 1]}. List the steps in rising order, each once.`]];
  if ((steps[0] ?? 0) > warmupSteps) return [];
  const message = `The first cut, after ${steps[0]} steps, comes before the warm-up ends (${warmupSteps}). Milestones count from the start of the run: raise them, or lower warmupSteps.`;
  return [["milestones", message]];
}

/** The options that are given, or have another value than their default, and that the kind does not use. */
function unused(given: Resolved): Complaint[] {
  const defaults: Partial<Record<Key, unknown>> = SCHEDULE_DEFAULTS;
  return Object.entries(USERS).flatMap(([name, kinds]): Complaint[] => {
    const key = name as Key;
    if (given[key] === defaults[key] || kinds.includes(given.kind)) return [];
    const users = kinds
      .map((one) => `"${one}"`)
      .join(", ")
      .replace(/, ([^,]*)$/, " or $1");
    return [[key, `Only kind ${users} uses it, and kind is "${given.kind}". Set kind: ${users}, or leave ${key} out.`]];
  });
}
