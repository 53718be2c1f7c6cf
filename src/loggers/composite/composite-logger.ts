import { redactText, withoutSecrets } from "../../config/redact.js";
import { parseConfig } from "../../config/problems.js";
import type {
  Artifact,
  Bounds,
  DeliveryReport,
  ImageData,
  LogDestination,
  LoggerBackend,
  LoggerProtocol,
  MaybePromise,
  Metrics,
  ModelDescription,
  PointTime,
  RunControl,
  RunInfo,
  RunStatus,
  ScatterAxes,
  TypedArray,
} from "../../contract/index.js";
import { guardedListener } from "../../support/guarded-listener.js";
import { isPromise } from "../../support/promises.js";
import { uniqueNames } from "../../support/unique-names.js";
import { axesProblem, checkedBackends, eventData, eventProblem, graphProblem, validParams, validTags } from "./call-checks.js";
import { closeAll } from "./close-all.js";
import {
  artifactData,
  artifactWithoutSecrets,
  eventText,
  graphText,
  graphWithoutSecrets,
  histogramScalars,
  scatterText,
} from "./convert.js";
import { GuardedBackend } from "./guarded-backend.js";
import { CompositeLoggerOptions } from "./options.js";
import { PointCheck } from "./points.js";
import { arrayProblem, artifactProblem, imageProblem, scatterProblem, textProblem } from "./record-problems.js";
import { destinationsOf, startAll } from "./start-all.js";
import { giveAsEvent, giveAsPoints, giveAsText } from "./substitutes.js";
import { timeOf } from "./point-time.js";

/**
 * Many backends as one logger; `trainer.logger` is one.
 * - Order: every backend gets the records in the order of the calls; backends are called in the order they were given.
 * - Isolation: a backend that throws, rejects or hangs never affects another. It rests for 1 s, doubling to 60 s, before it is retried;
 *   what comes meanwhile is counted as dropped.
 * - Calls return at once and never throw. A record that is not valid is dropped, counted and reported (`onPointRefused`).
 * - A record of a kind that a backend lacks is converted to one that it has, else counted as dropped.
 * - Secrets in events, texts, params, tags, artifacts, graphs and axes are hidden before any backend sees them (as `redactConfig`
 *   hides them), and a name that holds one is refused. The path of a file is given as it is: a backend opens it.
 *   Where there is none, and always for points, a backend gets the caller's own object, flat params excepted: it copies what it keeps.
 */
export class CompositeLogger implements LoggerProtocol {
  /** Always `composite`: what reports and errors call it. */
  readonly name: string = "composite";
  readonly #backends: readonly GuardedBackend[];
  readonly #points: PointCheck;
  readonly #now: () => number;
  readonly #startTimeoutMs: number;
  readonly #onMetrics: ((metrics: Metrics, step: number) => unknown) | undefined;
  #closing: Promise<DeliveryReport[]> | null = null;

  /** Throws `ERR_CONFIG` for wrong options. */
  constructor(backends: readonly LoggerBackend[], options: CompositeLoggerOptions = {}) {
    const parsed = parseConfig(CompositeLoggerOptions, options, "CompositeLogger");
    const { startTimeoutMs, onBackendFailed, onPointRefused, onMetrics, now, elapsed } = parsed;
    const onFailed = guardedListener(onBackendFailed);
    const checked = checkedBackends(backends);
    const names = uniqueNames(checked.map((backend) => backend.name));
    this.#backends = checked.map((backend, i) => new GuardedBackend(backend, { name: names[i] as string, elapsed, onFailed }));
    this.#points = new PointCheck(guardedListener(onPointRefused));
    this.#now = now;
    this.#startTimeoutMs = startTimeoutMs;
    this.#onMetrics = onMetrics;
  }

  /** The backends' names, in order; a second one of the same name is `name#2`. */
  get backends(): readonly string[] {
    return this.#backends.map((backend) => backend.name);
  }

  /**
   * Starts every backend at once. Fails only when one refused the run for good (`ERR_BACKEND_REFUSED`), with that error, after all have
   * settled; one that fails otherwise, or needs more than `startTimeoutMs`, is quarantined and retried.
   */
  start(run: RunInfo, control: RunControl): MaybePromise<void> {
    return startAll(this.#backends, run, control, this.#startTimeoutMs);
  }

  /** Where the backends say that their records are, in their order. */
  destinations(): readonly LogDestination[] {
    return destinationsOf(this.#backends);
  }

  /** Records one point per name at `step`. */
  logMetrics(metrics: Metrics, step: number, at?: PointTime): void {
    if (this.#closing !== null) return;
    const when = timeOf(at, this.#now);
    const valid = this.#points.metricsAt(when, metrics, step);
    if (valid === null || typeof when === "string") return;
    const points = this.#points.count;
    const backends = this.#backends;
    for (let i = 0; i < backends.length; i++) (backends[i] as GuardedBackend).logMetrics(valid, step, when, points);
    if (this.#onMetrics !== undefined) this.#report(valid, step);
  }

  /** Records the run's parameters, objects in them flattened with dots; an event "params" for a backend that has no `logParams`. */
  logParams(params: Readonly<Record<string, unknown>>): void {
    if (this.#closing !== null) return;
    const valid = validParams(this.#points, params);
    if (valid === null) return;
    const shown = withoutSecrets(valid);
    this.#each(
      "logParams",
      (backend) => backend.logParams?.(shown),
      (guard) => giveAsEvent(guard, "params", shown, undefined),
    );
  }

  /** Records a distribution; its minimum, maximum, mean and deviation as points for a backend that has no `logHistogram`. */
  logHistogram(name: string, values: TypedArray, step: number, at?: PointTime): void {
    const when = this.#acceptedAt(name, step, at, () => arrayProblem(values));
    if (when === null) return;
    let scalars: Metrics | null | undefined;
    this.#each(
      "logHistogram",
      (backend) => backend.logHistogram?.(name, values, step, when),
      (guard) => {
        if (scalars === undefined) scalars = histogramScalars(name, values);
        giveAsPoints(guard, scalars, step, when);
      },
    );
  }

  /** Records a picture; counted as dropped for a backend that has no `logImage`. */
  logImage(name: string, image: ImageData, step: number, at?: PointTime): void {
    const when = this.#acceptedAt(name, step, at, () => imageProblem(image));
    if (when === null) return;
    this.#each(
      "logImage",
      (backend) => backend.logImage?.(name, image, step, when),
      (guard) => guard.drop("lacks"),
    );
  }

  /** Records a text; an event "text" for a backend that has no `logText`. */
  logText(name: string, text: string, step: number, at?: PointTime): void {
    const when = this.#acceptedAt(name, step, at, () => textProblem(text));
    if (when === null) return;
    const shown = redactText(text);
    this.#each(
      "logText",
      (backend) => backend.logText?.(name, shown, step, when),
      (guard) => giveAsText(guard, name, shown, step, when),
    );
  }

  /** Records the points (`x[i]`, `y[i]`); their ranges and correlation as text for a backend that has no `logScatter`. */
  logScatter(name: string, x: TypedArray, y: TypedArray, step: number, at?: PointTime, axes?: ScatterAxes): void {
    const when = this.#acceptedAt(name, step, at, () => scatterProblem(x, y) ?? axesProblem(axes));
    if (when === null) return;
    const shownAxes = withoutSecrets(axes);
    let text: string | undefined;
    this.#each(
      "logScatter",
      (backend) => backend.logScatter?.(name, x, y, step, when, shownAxes),
      (guard) => giveAsText(guard, name, (text ??= scatterText(x, y)), step, when),
    );
  }

  /** Records the model's layers; a text of one line a layer for a backend that has no `logGraph`. */
  logGraph(description: ModelDescription): void {
    if (this.#closing !== null) return;
    const problemOf = (): string | null => graphProblem(description);
    const shown = this.#points.read("graph", undefined, problemOf, () => graphWithoutSecrets(description));
    if (shown === null) return;
    this.#each(
      "logGraph",
      (backend) => backend.logGraph?.(shown),
      (guard) => giveAsText(guard, "graph", graphText(shown), 0, timeOf(undefined, this.#now)),
    );
  }

  /** Records a file of the run; an event "artifact" with its name and path for a backend that has no `logArtifact`. */
  logArtifact(artifact: Artifact, step?: number): void {
    if (this.#closing !== null) return;
    const problemOf = (): string | null => artifactProblem(artifact, step);
    const shown = this.#points.read("artifact", step, problemOf, () => artifactWithoutSecrets(artifact));
    if (shown === null) return;
    this.#each(
      "logArtifact",
      (backend) => backend.logArtifact?.(shown, step),
      (guard) => giveAsEvent(guard, "artifact", artifactData(shown), step),
    );
  }

  /** Records that something happened; a text (its message, or its data as JSON) for a backend that has no `logEvent`. */
  logEvent(name: string, data: Readonly<Record<string, unknown>>, step?: number): void {
    if (this.#closing !== null) return;
    const problemOf = (): string | null => eventProblem(name, data, step);
    const shown = this.#points.read(name, step, problemOf, () => eventData(data));
    if (shown === null) return;
    const shownName = redactText(name);
    this.#each(
      "logEvent",
      (backend) => backend.logEvent?.(shownName, shown, step),
      (guard) => giveAsText(guard, shownName, eventText(shown), step ?? 0, timeOf(undefined, this.#now)),
    );
  }

  /** Sets labels of the run; an event "tags" for a backend that has no `setTags`. */
  setTags(tags: Readonly<Record<string, string>>): void {
    if (this.#closing !== null) return;
    const valid = validTags(this.#points, tags);
    if (valid === null) return;
    const shown = withoutSecrets(valid);
    this.#each(
      "setTags",
      (backend) => backend.setTags?.(shown),
      (guard) => giveAsEvent(guard, "tags", shown, undefined),
    );
  }

  /** Sets what is to be remembered of the run; a text "notes" for a backend that has no `setNotes`. */
  setNotes(markdown: string): void {
    if (this.#closing !== null) return;
    const shown = this.#points.read(
      "notes",
      undefined,
      () => textProblem(markdown),
      () => redactText(markdown),
    );
    if (shown === null) return;
    this.#each(
      "setNotes",
      (backend) => backend.setNotes?.(shown),
      (guard) => giveAsText(guard, "notes", shown, 0, timeOf(undefined, this.#now)),
    );
  }

  /** Resolves when what was logged so far is written, with one report for each backend, whatever happened to it. Never rejects. */
  async flush(bounds?: Bounds): Promise<DeliveryReport[]> {
    if (this.#closing !== null) return this.#closing;
    const refused = this.#points.refused;
    return (await Promise.all(this.#backends.map((backend) => backend.flush(bounds, refused)))).flat();
  }

  /**
   * Closes every backend once, also those that failed; those that have `logDelivery` after the others. Later calls resolve with the same
   * reports, in the order of the backends. Never rejects.
   */
  close(status: RunStatus, bounds?: Bounds): Promise<DeliveryReport[]> {
    this.#closing ??= closeAll(this.#backends, status, bounds, this.#points.refused);
    return this.#closing;
  }

  /** As `guardedListener`, which would allocate for each call. */
  #report(metrics: Metrics, step: number): void {
    try {
      const returned = this.#onMetrics?.(metrics, step);
      if (isPromise(returned)) returned.then(undefined, () => {});
    } catch {
      // What a listener throws must not reach the caller of a log method.
    }
  }

  /** The time of a record that may be logged, else null; `problemOf` says what is wrong with its values. */
  #acceptedAt(name: string, step: number, at: PointTime | undefined, problemOf: () => string | null): PointTime | null {
    if (this.#closing !== null) return null;
    const when = timeOf(at, this.#now);
    const isValid = this.#points.accepts(name, step, () => (typeof when === "string" ? when : problemOf()));
    return isValid && typeof when !== "string" ? when : null;
  }

  /** Gives a record to every backend that has `method`, and to `substitute` those that lack it. */
  #each(
    method: keyof LoggerBackend,
    write: (backend: LoggerBackend) => unknown,
    substitute: (guard: GuardedBackend) => void,
  ): void {
    if (this.#closing !== null) return;
    for (const guard of this.#backends) {
      if (guard.has(method)) {
        guard.record(method, write);
        continue;
      }
      try {
        substitute(guard);
      } catch {
        guard.drop("unreadable"); // the record itself could not be read
      }
    }
  }
}
