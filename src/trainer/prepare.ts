import type { Metrics, Mode, ResolvedGenericTrainerConfig } from "../contract/index.js";
import { messageOf } from "../support/errors.js";
import { makeBuiltIns } from "../hooks/built-ins.js";
import { loadHooks } from "../hooks/load.js";
import type { TrainerHooks } from "../hooks/trainer-hooks.js";
import { CompositeLogger } from "../loggers/index.js";
import { makeBackends } from "./backends.js";
import { prepareModel } from "./check-model.js";
import { MetricBoard } from "./metric-board.js";
import type { RunServices } from "./run.js";

/** Everything that needs imports: hooks, the model's own check, backends. Nothing is opened. */
export async function prepare<Batch>(parts: RunServices<Batch>): Promise<void> {
  const { config, hooks, model, optimizers, group, warnings: notices } = parts;
  for (const hook of await loadHooks<Batch>(config.hooks)) hooks.add(hook, "configured");
  for (const hook of await makeBuiltIns(config, optimizers)) hooks.add(hook as TrainerHooks<Batch>, "built-in");
  await prepareModel(model);
  const backends = await makeBackends(config, group.rank, (message) => notices.warn(message));
  parts.board = new MetricBoard(directions(config), [...hooks.produces, ...hooks.monitors.map(({ monitor }) => monitor)]);
  parts.logger = makeLogger(parts, backends);
}

function makeLogger<Batch>(
  { config, board, events, warnings: notices, progress }: RunServices<Batch>,
  backends: ConstructorParameters<typeof CompositeLogger>[0],
): CompositeLogger {
  return new CompositeLogger(backends, {
    startTimeoutMs: config.logging.startTimeoutMs,
    onBackendFailed: (failure) => {
      events.emit("backendFailed", failure);
      notices.warn(`The backend ${failure.backend} failed in ${failure.operation}: ${messageOf(failure.error)}`);
    },
    onPointRefused: (point) => {
      events.emit("pointRefused", point);
      notices.warn(`The point "${point.name}" at step ${point.step} was dropped: ${point.reason}`);
    },
    ...(board.tracksLogged ? { onMetrics: (metrics: Metrics) => board.noteLogged(metrics, progress) } : {}),
  });
}

/** What is known of which way is better: declared directions, and the modes of the deciders that are on. */
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
