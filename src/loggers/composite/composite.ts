/**
 * What `trainer.logger` is: many backends as one.
 * - Order: every backend gets the records in the order of the calls; backends are called in the order they were given.
 * - Isolation: one failing backend never affects another (quarantine.ts).
 * - Calls return at once and never throw. A point that is not valid is dropped, counted and named (points.ts).
 * - A record kind that a backend lacks is converted or counted (convert.ts).
 * - The objects that a backend is handed are the caller's own: a backend copies what it keeps.
 */
import type {
  Artifact,
  Bounds,
  DeliveryReport,
  ImageData,
  LoggerBackend,
  LoggerProtocol,
  MaybePromise,
  Metrics,
  ModelDescription,
  ParamValue,
  PointTime,
  RunControl,
  RunInfo,
  RunStatus,
  ScatterAxes,
  TypedArray,
} from "../../contract/index.js";
import { messageOf } from "../../support/errors.js";
import { isPromise } from "../../support/promises.js";
import { artifactData, eventText, graphText, histogramScalars, scatterText } from "./convert.js";
import { arrayFault, artifactFault, imageFault, PointCheck, scatterFault, type RefusedPoint } from "./points.js";
import { GuardedBackend, type BackendFailure } from "./quarantine.js";

export interface CompositeLoggerOptions {
  /** What all starts together may take. Default 5000. */
  startTimeoutMs?: number | undefined;
  /** Milliseconds since 1970. Default `Date.now`. */
  now?: (() => number) | undefined;
  /** Called once for each backend, at its first failure. */
  onBackendFailed?: ((failure: BackendFailure) => void) | undefined;
  /** Called once for each name and reason. */
  onPointRefused?: ((refused: RefusedPoint) => void) | undefined;
  /** Sees the valid points of every `logMetrics` call; the object belongs to the caller. */
  onMetrics?: ((metrics: Metrics, step: number) => void) | undefined;
}

export class CompositeLogger implements LoggerProtocol {
  readonly name: string = "composite";
  readonly #backends: readonly GuardedBackend[];
  readonly #points: PointCheck;
  readonly #now: () => number;
  readonly #startTimeoutMs: number;
  readonly #onMetrics: ((metrics: Metrics, step: number) => void) | undefined;
  #closing: Promise<DeliveryReport[]> | null = null;

  constructor(backends: readonly LoggerBackend[], options: CompositeLoggerOptions = {}) {
    const now = options.now ?? Date.now;
    const onFailed = quiet(options.onBackendFailed);
    const seen = new Map<string, number>();
    this.#backends = backends.map((backend) => new GuardedBackend(backend, { name: uniqueName(backend, seen), now, onFailed }));
    this.#points = new PointCheck(quiet(options.onPointRefused));
    this.#now = now;
    this.#startTimeoutMs = options.startTimeoutMs ?? 5000;
    this.#onMetrics = options.onMetrics;
  }

  /** The backends' names, in order; a second one of the same name is `name#2`. */
  get backends(): readonly string[] {
    return this.#backends.map((backend) => backend.name);
  }

  /**
   * Starts every backend at once. Fails only when one refused the run for good, with that error, after all have
   * settled; whoever fails otherwise, or needs more than `startTimeoutMs`, is quarantined and retried.
   */
  start(run: RunInfo, control: RunControl): MaybePromise<void> {
    const waits: Promise<void>[] = [];
    const refusals: unknown[] = [];
    for (const backend of this.#backends) {
      try {
        const started = backend.start(run, control, this.#startTimeoutMs);
        if (isPromise(started)) waits.push(started);
      } catch (refusal) {
        refusals.push(refusal);
      }
    }
    if (waits.length > 0) return settleStarts(waits, refusals);
    if (refusals.length > 0) throw refusals[0];
    return undefined;
  }

  logMetrics(metrics: Metrics, step: number, at?: PointTime): void {
    if (this.#closing !== null) return;
    const valid = this.#validPoints(metrics, step);
    if (valid === null) return;
    const when = this.#when(at);
    const points = this.#points.count;
    const backends = this.#backends;
    for (let i = 0; i < backends.length; i++) (backends[i] as GuardedBackend).logMetrics(valid, step, when, points);
    if (this.#onMetrics !== undefined) this.#tell(this.#onMetrics, valid, step);
  }

  logParams(params: Readonly<Record<string, ParamValue>>): void {
    this.#each(
      "logParams",
      (backend) => backend.logParams?.(params),
      (guard) => this.#asEvent(guard, "params", params),
    );
  }

  logHistogram(name: string, values: TypedArray, step: number, at?: PointTime): void {
    if (!this.#accepts(name, step, () => arrayFault(values))) return;
    const when = this.#when(at);
    let scalars: Metrics | null | undefined;
    this.#each(
      "logHistogram",
      (backend) => backend.logHistogram?.(name, values, step, when),
      (guard) => {
        if (scalars === undefined) scalars = histogramScalars(name, values);
        if (scalars === null) guard.drop(1);
        else guard.logMetrics(scalars, step, when, 1);
      },
    );
  }

  logImage(name: string, image: ImageData, step: number, at?: PointTime): void {
    if (!this.#accepts(name, step, () => imageFault(image))) return;
    const when = this.#when(at);
    this.#each(
      "logImage",
      (backend) => backend.logImage?.(name, image, step, when),
      (guard) => guard.drop(1),
    );
  }

  logText(name: string, text: string, step: number, at?: PointTime): void {
    if (!this.#accepts(name, step, () => (typeof text === "string" ? null : `The text is a ${typeof text}, not a string.`)))
      return;
    const when = this.#when(at);
    this.#each(
      "logText",
      (backend) => backend.logText?.(name, text, step, when),
      (guard) => {
        this.#asEvent(guard, "text", { name, text }, step);
      },
    );
  }

  logScatter(name: string, x: TypedArray, y: TypedArray, step: number, at?: PointTime, axes?: ScatterAxes): void {
    if (!this.#accepts(name, step, () => scatterFault(x, y))) return;
    const when = this.#when(at);
    let text: string | undefined;
    this.#each(
      "logScatter",
      (backend) => backend.logScatter?.(name, x, y, step, when, axes),
      (guard) => {
        text ??= scatterText(x, y);
        this.#asText(guard, name, text, step, when);
      },
    );
  }

  logGraph(description: ModelDescription): void {
    this.#each(
      "logGraph",
      (backend) => backend.logGraph?.(description),
      (guard) => {
        this.#asText(guard, "graph", graphText(description), 0, this.#when(undefined));
      },
    );
  }

  logArtifact(artifact: Artifact, step?: number): void {
    const fault = artifactFault(artifact);
    if (fault !== null) return this.#points.refuse("artifact", fault, step);
    this.#each(
      "logArtifact",
      (backend) => backend.logArtifact?.(artifact, step),
      (guard) => {
        this.#asEvent(guard, "artifact", artifactData(artifact), step);
      },
    );
  }

  logEvent(name: string, data: Readonly<Record<string, unknown>>, step?: number): void {
    this.#each(
      "logEvent",
      (backend) => backend.logEvent?.(name, data, step),
      (guard) => {
        if (guard.has("logText")) this.#asText(guard, name, eventText(data), step ?? 0, this.#when(undefined));
        else guard.drop(1);
      },
    );
  }

  setTags(tags: Readonly<Record<string, string>>): void {
    this.#each(
      "setTags",
      (backend) => backend.setTags?.(tags),
      (guard) => this.#asEvent(guard, "tags", tags),
    );
  }

  /** One report a backend, whatever happened to it. Never rejects. */
  async flush(bounds?: Bounds): Promise<DeliveryReport[]> {
    if (this.#closing !== null) return this.#closing;
    const refused = this.#points.refused;
    return (await Promise.all(this.#backends.map((backend) => backend.flush(bounds, refused)))).flat();
  }

  /** Closes every backend once, also those that failed; later calls resolve with the same reports. Never rejects. */
  close(status: RunStatus, bounds?: Bounds): Promise<DeliveryReport[]> {
    const refused = this.#points.refused;
    this.#closing ??= Promise.all(this.#backends.map((backend) => backend.close(status, bounds, refused))).then((reports) =>
      reports.flat(),
    );
    return this.#closing;
  }

  #validPoints(metrics: Metrics, step: number): Metrics | null {
    try {
      return this.#points.metrics(metrics, step);
    } catch (error) {
      this.#points.refuse("metrics", `The values could not be read: ${messageOf(error)}.`, step);
      return null;
    }
  }

  #tell(listener: (metrics: Metrics, step: number) => void, metrics: Metrics, step: number): void {
    try {
      listener(metrics, step);
    } catch {
      // As in `quiet`.
    }
  }

  #accepts(name: string, step: number, fault: () => string | null): boolean {
    return this.#closing === null && this.#points.named(name, step, fault());
  }

  /** The caller's time, or one reading of the clock for all backends. */
  #when(at: PointTime | undefined): PointTime {
    if (at === undefined || at === null) return { epoch: undefined, wallTime: this.#now() / 1000 };
    if (Number.isFinite(at.wallTime)) return at;
    return { epoch: at.epoch, wallTime: this.#now() / 1000 };
  }

  /** Hands a record to every backend that has `method`, and to `otherwise` those that lack it. */
  #each(
    method: keyof LoggerBackend,
    write: (backend: LoggerBackend) => unknown,
    otherwise: (guard: GuardedBackend) => void,
  ): void {
    if (this.#closing !== null) return;
    for (const guard of this.#backends) {
      if (guard.has(method)) {
        guard.record(method, write);
        continue;
      }
      try {
        otherwise(guard);
      } catch {
        guard.drop(1); // the record itself could not be read
      }
    }
  }

  #asEvent(guard: GuardedBackend, name: string, data: Readonly<Record<string, unknown>>, step?: number): void {
    if (guard.has("logEvent")) guard.record("logEvent", (backend) => backend.logEvent?.(name, data, step));
    else guard.drop(1);
  }

  #asText(guard: GuardedBackend, name: string, text: string, step: number, at: PointTime): void {
    if (guard.has("logText")) guard.record("logText", (backend) => backend.logText?.(name, text, step, at));
    else this.#asEvent(guard, "text", { name, text }, step);
  }
}

/** Waits for every start, so that each backend can be closed, then throws the first refusal. */
async function settleStarts(waits: readonly Promise<void>[], refusals: readonly unknown[]): Promise<void> {
  const outcomes = await Promise.allSettled(waits);
  const rejected = outcomes.find((outcome) => outcome.status === "rejected");
  if (refusals.length > 0) throw refusals[0];
  if (rejected !== undefined) throw rejected.reason;
}

/** `listener`, or nothing; what it throws must not reach the caller of a log method. */
function quiet<Args extends unknown[]>(listener: ((...args: Args) => void) | undefined): (...args: Args) => void {
  if (listener === undefined) return () => {};
  return (...args) => {
    try {
      listener(...args);
    } catch {
      // A listener's fault is its owner's: there is nobody here to tell.
    }
  };
}

function uniqueName(backend: LoggerBackend, seen: Map<string, number>): string {
  const name = typeof backend.name === "string" && backend.name !== "" ? backend.name : "backend";
  const count = (seen.get(name) ?? 0) + 1;
  seen.set(name, count);
  return count === 1 ? name : `${name}#${count}`;
}
