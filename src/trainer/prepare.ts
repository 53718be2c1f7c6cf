import type { Metrics, Mode, ResolvedGenericTrainerConfig } from "../contract/index.js";
import { unusedHookConfigs } from "../config/unused-configs.js";
import { messageOf } from "../support/errors.js";
import { makeBuiltIns } from "../hooks/built-ins.js";
import { loadHooks } from "../hooks/load.js";
import type { TrainerHooks } from "../hooks/trainer-hooks.js";
import { CompositeLogger } from "../loggers/index.js";
import { makeBackends } from "./backends.js";
import { prepareModel } from "./check-model.js";
import { MetricBoard } from "./metric-board.js";
import type { RunServices } from "./run-services.js";

/** Everything that needs imports: hooks, the model's own check, backends. Nothing is opened. */
export async function prepare<Batch>(services: RunServices<Batch>): Promise<void> {
  const { config, paths, hooks, model, optimizers, group, warnings } = services;
  for (const hook of await loadHooks<Batch>(config.hooks, paths.cwd)) hooks.add(hook, "configured");
  const requestsCheckpoints = hooks.describe().length > 0; // so far they are the user's
  for (const message of unusedHookConfigs(services.given, config, { requestsCheckpoints })) warnings.warn(message);
  for (const hook of await makeBuiltIns(config, optimizers)) hooks.add(hook as TrainerHooks<Batch>, "built-in");
  await prepareModel(model);
  const backends = await makeBackends(config, paths, group.rank, (message) => warnings.warn(message));
  services.board = new MetricBoard(directions(config), [...hooks.produces, ...hooks.monitors.map(({ monitor }) => monitor)]);
  services.logger = makeLogger(services, backends);
}

function makeLogger<Batch>(
  { config, board, events, warnings, progress }: RunServices<Batch>,
  backends: ConstructorParameters<typeof CompositeLogger>[0],
): CompositeLogger {
  return new CompositeLogger(backends, {
    startTimeoutMs: config.logging.startTimeoutMs,
    onBackendFailed: (failure) => {
      events.emit("backendFailed", failure);
      warnings.warn(`The backend ${failure.backend} failed in ${failure.operation}: ${messageOf(failure.error)}`);
    },
    onPointRefused: (point) => {
      events.emit("pointRefused", point);
      warnings.warn(`The point "${point.name}" at step ${point.step} was dropped: ${point.reason}`);
    },
    ...(board.tracksLogged
      ? { onMetrics: (metrics: Metrics, step: number) => board.noteLogged(metrics, { step, epoch: progress.epoch }) }
      : {}),
  });
}

/** Which direction of a metric is better: those declared, and the modes of the deciders that are enabled. */
function directions({
  metrics,
  hooks,
  earlyStoppingPatience,
  earlyStoppingMetric,
  earlyStoppingMode,
}: ResolvedGenericTrainerConfig): Record<string, Mode> {
  const { monitor, mode } = hooks.earlyStoppingConfig;
  return {
    ...(earlyStoppingPatience === undefined ? {} : { [earlyStoppingMetric.replace("_", "/")]: earlyStoppingMode }),
    ...(hooks.enableEarlyStoppingHook ? { [monitor]: mode } : {}),
    ...metrics.directions,
  };
}
