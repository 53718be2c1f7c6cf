import type { ModelDescription, ResolvedGenericTrainerConfig, RunSetup } from "../contract/index.js";
import { learningRateAt } from "../decisions/index.js";
import { spannedSteps } from "../decisions/schedule-span.js";
import { within } from "../support/bounded-wait.js";
import { messageOf } from "../support/errors.js";
import { ownValue } from "../support/own.js";
import { ownWords } from "../support/own-words.js";
import { optimizerKeys } from "../support/unique-names.js";
import type { RunServices } from "./run-services.js";
import type { SavableRun } from "./saved-run.js";

/** How long `model.describe` may take: what it says is for summaries only. */
const DESCRIBE_TIMEOUT_MS = 5000;

/** What the run trains, and with what. A model that cannot describe itself is warned about, and costs no run. */
export async function setupOf<Batch>(run: SavableRun<Batch>): Promise<RunSetup> {
  const { model, optimizers, train, validation, firstRates } = run;
  const description = await describe(run);
  const keys = optimizerKeys(optimizers);
  return {
    modelName: ownWords(() => description?.name),
    parameterCount: parametersIn(description) ?? sizeOfParameters(run),
    backend: ownWords(() => model.backend),
    optimizers: optimizers.map(({ name, learningRate }, i) => ({
      name,
      learningRate: ownValue(firstRates, keys[i] as string) ?? learningRate,
    })),
    train: train.loader.setup,
    validation: validation?.loader.setup ?? [],
  };
}

/**
 * The learning rates of the first step by the optimizers' keys, as a schedule of the config sets them. A warm-up starts at 0, which says
 * nothing of a run: the rate that it leads to counts.
 */
export function firstRatesOf<Batch>({ config, optimizers, progress }: RunServices<Batch>): Record<string, number> {
  const keys = optimizerKeys(optimizers);
  const rates = optimizers.map(({ learningRate }) => scheduledRate(config, progress.batchesPerEpoch, learningRate));
  return Object.fromEntries(keys.map((key, i) => [key, rates[i] as number]));
}

function scheduledRate(config: ResolvedGenericTrainerConfig, batchesPerEpoch: number | null, base: number): number {
  if (!config.hooks.enableLearningRateSchedule) return base;
  const { maxSteps = Infinity, maxEpochs = Infinity } = config;
  const schedule = config.hooks.learningRateScheduleConfig;
  const limits = { steps: maxSteps, batches: maxEpochs * (batchesPerEpoch ?? Infinity) };
  const { totalSteps = spannedSteps(limits), warmupSteps } = schedule;
  try {
    return learningRateAt({ ...schedule, totalSteps }, base, warmupSteps);
  } catch {
    return base; // what is wrong with the schedule is said where it is used
  }
}

async function describe<Batch>({ model, warnings }: SavableRun<Batch>): Promise<ModelDescription | null> {
  if (model.describe === undefined) return null;
  const described = await within(
    Promise.resolve().then(() => model.describe?.()),
    { timeoutMs: DESCRIBE_TIMEOUT_MS },
    "return",
  );
  if (described.done) return described.value ?? null;
  const problem = described.late ? String(described.error) : `threw: ${messageOf(described.error)}`;
  warnings.warn(`model.describe() ${problem}. The name of the model is not known in this run.`);
  return null;
}

function parametersIn(description: ModelDescription | null): number | null {
  try {
    const count = description?.parameterCount;
    return typeof count === "number" && Number.isFinite(count) ? count : null;
  } catch {
    return null; // they are counted then
  }
}

/** The numbers in what `model.parameters` names; their values are not read. */
function sizeOfParameters<Batch>({ model, warnings }: SavableRun<Batch>): number | null {
  if (model.parameters === undefined) return null;
  try {
    let count = 0;
    for (const { shape } of model.parameters()) count += shape.reduce((size, dimension) => size * dimension, 1);
    return Number.isFinite(count) ? count : null;
  } catch (error) {
    warnings.warn(`model.parameters() threw: ${messageOf(error)}. The size of the model is not known in this run.`);
    return null;
  }
}
