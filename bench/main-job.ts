/** The cost of logging and monitoring in the digits example: all of it enabled, compared with all of it disabled. */
import { lastJson, runScript } from "./lib/child.js";
import { judged, publish } from "./lib/report.js";
import { median, range } from "./lib/statistics.js";
import type { MainJobTime } from "./main-job-child.js";

const STEPS = 800;
const LOGGING_LIMIT_PERCENT = 0.5;
const SAMPLING_LIMIT_PERCENT = 0.2;

const once = async (mode: string): Promise<MainJobTime> => lastJson(await runScript("main-job-child.ts", [mode, String(STEPS)]));

const percentOfSecond = (ms: number): number => ms / 10;

export async function mainJob(command: string, { repeats }: { repeats: number }): Promise<void> {
  const off: MainJobTime[] = [];
  const logging: MainJobTime[] = [];
  const everything: MainJobTime[] = [];
  const samples: number[] = [];
  for (let i = 0; i < repeats; i++) {
    off.push(await once("off"));
    logging.push(await once("logging"));
    everything.push(await once("everything"));
    samples.push(lastJson<{ sampleMs: number }>(await runScript("sampling-child.ts")).sampleMs);
    process.stderr.write(`\rmain job: ${i + 1} of ${repeats} `);
  }
  process.stderr.write("\n");

  /** For each pair, in percent of a step with everything off: the added time outside of the model, or of the whole step. */
  const added = (runs: readonly MainJobTime[], part: "outsideMs" | "stepMs"): number[] =>
    runs.map((run, i) => (100 * (run[part] - (off[i]?.[part] ?? Number.NaN))) / (off[i]?.stepMs ?? Number.NaN));
  const loggingOutside = added(logging, "outsideMs");
  const wholeLogging = added(logging, "stepMs");
  const wholeEverything = added(everything, "stepMs");
  const sampling = everything.map(({ samplingPercent }) => samplingPercent);
  const row = (title: string, percents: readonly number[], limit: number | null): string[] => [
    title,
    limit === null ? median(percents).toFixed(2) : judged(median(percents), limit),
    range(percents, 2),
    limit === null ? "" : `≤ ${limit}`,
  ];
  const rows = [
    row("step logging: time outside of the model", loggingOutside, LOGGING_LIMIT_PERCENT),
    row("system metrics: time inside sampling", sampling, SAMPLING_LIMIT_PERCENT),
    row(
      "system metrics: the event loop's whole work for a sample a second",
      samples.map(percentOfSecond),
      SAMPLING_LIMIT_PERCENT,
    ),
    row("step logging: whole step, by the clock", wholeLogging, null),
    row("everything, gradient monitor too: whole step, by the clock", wholeEverything, null),
  ];
  const stepMs = median(off.map((run) => run.stepMs)).toFixed(2);
  const head = [`% of a step of ${stepMs} ms`, "added", "of all pairs", "goal"];
  publish(
    "main-job",
    command,
    [{ head, rows }],
    [
      `Medians of ${repeats} rounds of off, logging and everything, each in a fresh process; ${STEPS} steps after 100 to warm up, batches of 64, wasm.`,
      "Logging: console, training log, progress, throughput, learning-rate monitor, metric tracker, every 50 steps. Everything: also the gradient monitor, the NaN check, and system metrics every 10 steps.",
      "The wall time of whole steps varies from run to run by more than logging costs; the time outside of the model is measured exactly.",
    ],
  );
}
