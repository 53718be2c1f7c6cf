import { dirname } from "node:path";
import type { BestValue, DeliveryReport, LogDestination, RunEnd, RunInfo, RunStatus } from "../../contract/index.js";
import { durationText, numberText } from "../../support/number-text.js";
import type { Item } from "./items.js";
import { counted, countText, isAddress, shownCommand, shownPath, shownText } from "./shown.js";

/** Best values that are shown; the others are in the result. */
const MAX_BEST = 4;
/** Values named `final/…` that are shown; the others are in the backends. */
const MAX_FINAL = 10;
/** What the trainer logs as `final/…` itself: the other items and the last epoch's line show it. */
const OWN_FINAL = /^(?:total_epochs|total_steps|early_stopped)$|^(?:best_)?(?:train|val)_/;

/** What the console knows of a run when it ends. */
export interface Ending {
  readonly run: RunInfo;
  readonly status: RunStatus;
  readonly seconds: number;
  /** What the event "runEnd" said; null where there was none. */
  readonly end: RunEnd | null;
  /** The metrics `final/…`, without that prefix. */
  readonly final: ReadonlyMap<string, number>;
  /** Of the other backends. */
  readonly delivery: readonly DeliveryReport[];
  /** Of all backends. */
  readonly destinations: readonly LogDestination[];
}

/** True for what the trainer logs as "runEnd": a user's event of that name is one like any other. */
export function isRunEnd(data: object): data is RunEnd {
  const { reason, epochs, steps, best, checkpoint, failedSaves } = data as Partial<RunEnd>;
  const areCounts = [epochs, steps, failedSaves].every((count) => typeof count === "number");
  return typeof reason === "string" && areCounts && typeof best === "object" && typeof checkpoint === "object" && best !== null;
}

/** `stopped digits after 5.11 s: earlyStopping: val/loss has not improved …` */
export function endTitle({ run, status, seconds, end }: Ending): string {
  // The lines of an error stand above, where it was shown.
  const text = status === "failed" ? end?.reason.split("\n", 1)[0] : end?.reason;
  const reason = text === undefined || text === "" ? "" : `: ${shownText(text)}`;
  return `${status} ${shownText(run.runName)} after ${durationText(seconds)}${reason}`;
}

/** What came out of the run, what was lost of it, and how to look at it. */
export function endItems({ run, status, end, final, delivery, destinations }: Ending): Item[] {
  return [
    { label: "trained", values: end === null ? [] : [`${counted(end.epochs, "epoch")}, ${counted(end.steps, "step")}`] },
    { label: "best", values: end === null ? [] : bestValues(run, end.best) },
    { label: "final", values: finalValues(final, end !== null) },
    { label: "checkpoint", values: checkpointValues(end) },
    { label: "to resume", values: status === "interrupted" ? resumeValues(run, end) : [] },
    { label: "not logged", values: lostValues(delivery, end) },
    { label: "to view", values: viewValues(destinations) },
    { label: "log", values: logValues(destinations) },
    { label: "directory", values: [shownPath(run.dir)] },
  ];
}

function bestValues({ config }: RunInfo, best: RunEnd["best"]): string[] {
  const { hooks } = config;
  const monitors = new Set([
    ...(hooks?.enableModelCheckpointHook ? [hooks.modelCheckpointConfig.monitor] : []),
    ...(hooks?.enableEarlyStoppingHook ? [hooks.earlyStoppingConfig.monitor] : []),
  ]);
  const over = (split: string): string[] => Object.keys(best).filter((name) => new RegExp(`^${split}/[^/]+$`).test(name));
  const validation = over("val");
  const names = [...monitors, ...(validation.length > 0 ? validation : over("train"))].filter((name) =>
    Object.hasOwn(best, name),
  );
  return [...new Set(names)].slice(0, MAX_BEST).map((name) => `${shownText(name)} ${bestText(best[name] as BestValue)}`);
}

function bestText({ value, epoch }: BestValue): string {
  return `${numberText(value)} in epoch ${epoch + 1}`;
}

/** Where the run's end is known, only what others than the trainer logged. */
function finalValues(final: Ending["final"], isEndKnown: boolean): string[] {
  const values = [...final]
    .filter(([name]) => !isEndKnown || !OWN_FINAL.test(name))
    .map(([name, value]) => `${shownText(name.replaceAll("_", " "))} ${numberText(value)}`);
  return values.length <= MAX_FINAL
    ? values
    : [...values.slice(0, MAX_FINAL), `and ${countText(values.length - MAX_FINAL)} more values`];
}

function checkpointValues(end: RunEnd | null): string[] {
  if (end === null || end.checkpoint === null) return [];
  const { path, epoch, step } = end.checkpoint;
  return [shownPath(path), `of epoch ${epoch + 1}, step ${countText(step)}`];
}

/** What the next attempt's config needs, where there is something to resume. */
function resumeValues({ runName }: RunInfo, end: RunEnd | null): string[] {
  return end === null || end.checkpoint === null ? [] : [`runName: ${JSON.stringify(shownText(runName))}, resume: "auto"`];
}

/** One line for each backend that lost records, one for those that no backend got, one for checkpoints that could not be saved. */
function lostValues(delivery: readonly DeliveryReport[], end: RunEnd | null): string[] {
  const lost = delivery.flatMap(({ backend, dropped, pending, unsupported = 0, error }) => {
    const records = dropped + pending - unsupported; // what a backend has no place for is not lost
    const why = error === undefined ? "" : `: ${shownText(error)}`;
    return records <= 0 ? [] : [`${shownText(backend)}: ${counted(records, "record")}${why}`];
  });
  const refused = Math.max(0, ...delivery.map((report) => report.refused));
  if (refused > 0) lost.push(`${counted(refused, "record")} that ${refused === 1 ? "was" : "were"} not valid: see the warnings`);
  if (end === null || end.failedSaves === 0) return lost;
  const saved = end.checkpoint === null ? "" : `; check the others: ${verifyCommand(end.checkpoint.path)}`;
  return [...lost, `${counted(end.failedSaves, "checkpoint")} could not be saved${saved}`];
}

function verifyCommand(checkpoint: string): string {
  return shownCommand(["npx", "trainscope", "verify", dirname(checkpoint)]);
}

/** Commands that show what was logged, and addresses to open. */
function viewValues(destinations: readonly LogDestination[]): string[] {
  const values = destinations.flatMap(({ location, view }) => {
    if (view !== undefined) return [shownCommand(view)];
    return isAddress(location) ? [shownText(location)] : [];
  });
  return [...new Set(values)];
}

function logValues(destinations: readonly LogDestination[]): string[] {
  const files = destinations.filter(({ location, view }) => view === undefined && !isAddress(location));
  return files.map(({ location }) => shownPath(location));
}
