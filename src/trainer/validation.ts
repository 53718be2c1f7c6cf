import type { StepContext, StepResult } from "../contract/index.js";
import { isPromise } from "../support/promises.js";
import { reduced } from "./reduce.js";
import type { DataSplit } from "./data-split.js";
import type { Run } from "./run.js";

/**
 * Every batch of every validation loader, then `val/…` is published. Returns false when an interruption cut it short:
 * its values are then discarded.
 */
export async function validate<Batch>(run: Run<Batch>): Promise<boolean> {
  const { validation, progress, hooks, trainer } = run;
  if (validation === null) return true;
  await run.train.metrics.drain();
  run.requests.outputs = "none";
  const startMs = performance.now();
  await hooks.methods.onValidationStart.fire(trainer, progress.epoch);
  validation.metrics.reset();
  const isWhole = await evaluateAll(run, validation);
  run.requests.outputs = "none";
  run.outputs.current = null;
  if (isWhole) await publish(run, validation);
  progress.clock.validationSeconds += (performance.now() - startMs) / 1000;
  progress.clock.resume();
  return isWhole;
}

/** `numSanitySteps` batches of each validation loader, before anything is trained; their values are not kept. */
export async function sanityCheck<Batch>(run: Run<Batch>): Promise<void> {
  const steps = run.config.validation.numSanitySteps;
  const { validation } = run;
  if (validation === null || steps === 0 || run.resumed !== null) return; // a resumed run has had its check
  const { loader, metrics } = validation;
  const seen = loader.names.map(() => 0);
  await loader.startEpoch();
  while (seen.some((count) => count < steps) && (await loader.next())) {
    const { batch, loaderIdx } = loader;
    const before = seen[loaderIdx] ?? 0;
    seen[loaderIdx] = before + 1;
    if (before < steps) await metrics.update(loaderIdx, await evaluate(run, batch, loaderIdx), 0, 0);
    else run.model.discardBatch?.(batch);
  }
  await metrics.drain();
  metrics.reset();
  await loader.endEpoch();
}

async function evaluateAll<Batch>(run: Run<Batch>, { loader, metrics }: DataSplit<Batch>): Promise<boolean> {
  const { trainer, progress, schedule, stop } = run;
  const { onValidationBatchEnd } = run.hooks.methods;
  const { reads } = run.hooks;
  const before = loader.state();
  await loader.startEpoch();
  for (let batchIdx = 0; ; batchIdx++) {
    const pulled = loader.next();
    if (!(isPromise(pulled) ? run.interruption.throwIfAbandoned(await pulled) : pulled)) break;
    const { batch, loaderIdx } = loader;
    const evaluating = evaluate(run, batch, loaderIdx);
    const result = isPromise(evaluating) ? await evaluating : evaluating;
    const measuring = metrics.update(loaderIdx, result, progress.step, batchIdx);
    run.outputs.current = run.context.wantsOutputs ? (result.outputs ?? null) : null;
    if (isPromise(measuring)) await measuring;
    if (reads.length > 0) await metrics.awaitReads(reads);
    const ending = onValidationBatchEnd.fire(trainer, batch, loaderIdx, loader.names[loaderIdx] as string, metrics.view());
    if (isPromise(ending)) await ending;
    if (schedule.isYieldDue(performance.now())) await schedule.yieldToEventLoop();
    if (stop.interruptedAlone) {
      metrics.dispose();
      await loader.endEpoch();
      await loader.loadState(before); // the pass was not used: a resumed run makes it again
      return false;
    }
  }
  await metrics.drain();
  return true;
}

function evaluate<Batch>(
  { model, context, progress, validation, requests }: Run<Batch>,
  batch: Batch,
  loaderIdx: number,
): StepResult | Promise<StepResult> {
  context.move(progress.step, progress.epoch, progress.batch, loaderIdx, validation?.loader.names[loaderIdx] as string);
  context.calling = "evalStep";
  context.consumeOutputRequest(requests);
  const evalStep = model.evalStep as (batch: Batch, context: StepContext) => StepResult | Promise<StepResult>;
  return evalStep.call(model, batch, context);
}

async function publish<Batch>(run: Run<Batch>, { loader, metrics }: DataSplit<Batch>): Promise<void> {
  const { progress, board, events, hooks, trainer } = run;
  const { step, epoch } = progress;
  const all = board.publish("val", (await reduced(run, metrics)).compute(), loader.names, progress);
  await board.whileOpen("val", () => hooks.methods.onValidationEnd.fire(trainer, epoch, all));
  events.emit("validationEnd", { epoch, step, metrics: all });
}
