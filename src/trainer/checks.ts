import type { StepContext, StepResult, TrainableModel } from "../contract/index.js";
import { resolveMonitor } from "../decisions/index.js";
import { TrainscopeError, isTrainscopeError, messageOf } from "../support/errors.js";
import { suggest } from "../support/nearest.js";
import { MetricsManager } from "../metrics/index.js";
import { monitorNames, ownSeries } from "./metric-board.js";
import type { Run } from "./run.js";
import { checkValidationIsDue } from "./validation-due.js";

/**
 * Checks what only the data shows: validation needs an `evalStep` and must be due, every monitored metric must be produced by the run,
 * and no hook may refuse it.
 */
export async function checkRun<Batch>(run: Run<Batch>): Promise<void> {
  if (run.validation !== null && run.model.evalStep === undefined) {
    throw new TrainscopeError(
      "ERR_MODEL",
      "There is validation data, but the model has no evalStep(batch, context). Add it, or call fit without validation.",
      { path: "model.evalStep" },
    );
  }
  checkMetricNames(run);
  await checkMonitors(run);
  checkValidationIsDue(run);
  await run.hooks.checkRun(run.trainer);
}

/** A strategy or a direction for a metric that the model does not name would do nothing. */
function checkMetricNames<Batch>(run: Run<Batch>): void {
  const { metricNames } = run.model;
  if (metricNames === undefined) return; // only the run itself shows its metrics
  const bare = ["loss", ...metricNames];
  const known = [...bare, ...available(run, metricNames)];
  for (const [section, names] of [
    ["perMetric", bare],
    ["directions", known],
  ] as const) {
    const unknownName = Object.keys(run.config.metrics[section]).find((name) => resolveMonitor(name, names) === null);
    if (unknownName === undefined) continue;
    throw new TrainscopeError(
      "ERR_UNKNOWN_MONITOR",
      `"${unknownName}" is not produced by this run. ${suggest(unknownName, names)}`,
      {
        path: `metrics.${section}.${unknownName}`,
      },
    );
  }
}

async function checkMonitors<Batch>(run: Run<Batch>): Promise<void> {
  const declared = run.model.metricNames;
  if (unknown(run, declared ?? []).length === 0) return;
  const names = declared ?? (await probe(run));
  // Without validation and without metricNames, only the first epoch shows what trainStep reports.
  const [first] = unknown(run, names ?? []).filter(({ monitor }) => names !== null || !/^train[/_]/.test(monitor));
  if (first === undefined) return;
  const hint = declared === undefined && names !== null ? "\nName metrics that only trainStep reports in model.metricNames." : "";
  const message = `"${first.monitor}" is not produced by this run. ${suggest(first.monitor, available(run, names ?? []))}${hint}`;
  throw new TrainscopeError("ERR_UNKNOWN_MONITOR", message, { path: first.path });
}

function unknown<Batch>(run: Run<Batch>, names: readonly string[]): readonly { monitor: string; path: string }[] {
  const known = available(run, names);
  return run.hooks.monitors.filter(({ monitor }) => resolveMonitor(monitor, known) === null);
}

function available<Batch>({ train, validation, hooks, config }: Run<Batch>, names: readonly string[]): string[] {
  const bare = new Set(["loss", ...names]);
  const trained = train.loader.names;
  const shares = config.logging.logLoaderProportions
    ? ownSeries(trained).flatMap((name) => [`loader_proportions/${name}_batches`, `loader_proportions/${name}_divergence`])
    : [];
  const validated = validation === null ? [] : monitorNames("val", bare, validation.loader.names);
  const produced = hooks.produces.flatMap((name) => ofEachLoader(name, trained, validation?.loader.names ?? []));
  return [...monitorNames("train", bare, trained), ...validated, ...produced, ...shares];
}

/** `val/<loader>/f1` stands for that of each loader with series of its own. */
function ofEachLoader(name: string, trained: readonly string[], validated: readonly string[]): string[] {
  if (!name.includes("<loader>")) return [name];
  return ownSeries(name.startsWith("val/") ? validated : trained).map((loader) => name.replace("<loader>", () => loader));
}

/** What `evalStep` reports, found by one call on the first validation batch. */
async function probe<Batch>({ model, validation, context }: Run<Batch>): Promise<string[] | null> {
  if (validation === null || model.evalStep === undefined) return null;
  const { loader } = validation;
  await loader.startEpoch();
  try {
    if (!(await loader.next())) return null;
    context.move(0, 0, 0, loader.loaderIdx, loader.names[loader.loaderIdx] as string);
    const result = await evaluateFirst(model, loader.batch, context);
    const scratch = new MetricsManager({ loaders: loader.names });
    await scratch.update(loader.loaderIdx, result, 0, 0);
    scratch.dispose();
    return Object.keys(result.metrics ?? {});
  } finally {
    await loader.endEpoch();
  }
}

async function evaluateFirst<Batch>(model: TrainableModel<Batch>, batch: Batch, context: StepContext): Promise<StepResult> {
  try {
    return (await model.evalStep?.(batch, context)) as StepResult;
  } catch (cause) {
    if (isTrainscopeError(cause)) throw cause;
    throw new TrainscopeError("ERR_STEP", `The model threw on the first validation batch: ${messageOf(cause)}`, {
      path: "model.evalStep",
      cause,
    });
  }
}
