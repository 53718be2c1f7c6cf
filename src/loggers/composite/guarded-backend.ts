import type {
  Bounds,
  DeliveryReport,
  LogDestination,
  LoggerBackend,
  MaybePromise,
  Metrics,
  PointTime,
  RunControl,
  RunInfo,
  RunStatus,
} from "../../contract/index.js";
import { redactText } from "../../config/redact.js";
import { isTrainscopeError, messageOf } from "../../support/errors.js";
import { isPromise } from "../../support/promises.js";
import { DEFAULT_TIMEOUT_MS, within } from "../../support/bounded-wait.js";
import { combinedReports } from "./reports.js";

/** Which backend began to fail, in which method, and with what. */
export interface BackendFailure {
  /** The backend's name, as in its `DeliveryReport`. */
  backend: string;
  /** The method that failed: `start`, `logMetrics`, … */
  operation: string;
  /** What it threw or rejected with; a text where it hung. */
  error: unknown;
  /** Failures of this backend so far. */
  count: number;
}

const FIRST_REST_MS = 1000;
const LONGEST_REST_MS = 60_000;
/** Calls that may wait for their promises: a backend whose calls never end must not fill the memory. */
const MAX_IN_FLIGHT = 10_000;
const TOO_MANY = "10,000 calls have not ended";

interface GuardOptions {
  /** Its name in reports. */
  name: string;
  /** A time in milliseconds that nothing sets back. */
  elapsed: () => number;
  onFailed: (failure: BackendFailure) => void;
}

/**
 * One backend, isolated from the caller and from the others.
 * - Nothing that the backend does reaches the caller: throws, rejections and hangs are counted here.
 * - The first failure is reported once. The backend then rests for 1 s, doubling to 60 s, and is retried with the next record; records
 *   that come meanwhile are counted as dropped. A success ends the quarantine.
 * - While 10,000 calls wait for their promises, a further one is a failure, and the backend is not called.
 * - Only a definite refusal at `start` (`ERR_BACKEND_REFUSED`) is passed on.
 */
export class GuardedBackend {
  readonly name: string;
  readonly #backend: LoggerBackend;
  readonly #elapsed: () => number;
  readonly #onFailed: (failure: BackendFailure) => void;
  readonly #inFlight = new Set<PromiseLike<unknown>>();
  #delivered = 0;
  #pending = 0;
  #dropped = 0;
  #unsupported = 0;
  #failures = 0;
  #firstError: string | undefined;
  #quarantined = false;
  #retryAt = 0;
  #restMs = FIRST_REST_MS;
  /** Kept after a failed start, so that a retry begins with it. */
  #startAgain: (() => MaybePromise<void>) | null = null;
  #starting = false;

  constructor(backend: LoggerBackend, options: GuardOptions) {
    this.#backend = backend;
    this.name = options.name;
    this.#elapsed = options.elapsed;
    this.#onFailed = options.onFailed;
  }

  /** True where the backend has a method of this name. */
  has(method: keyof LoggerBackend): boolean {
    return typeof this.#backend[method] === "function";
  }

  /** Where the backend says that its records are; nowhere where it says nothing. */
  destinations(): readonly LogDestination[] {
    try {
      return this.#backend.destinations?.() ?? [];
    } catch {
      return []; // shown to people only: no record is lost by it
    }
  }

  /** Records points; `points` is how many there are. */
  logMetrics(metrics: Metrics, step: number, at: PointTime, points: number): void {
    if (this.#quarantined && !this.#admits(points)) return;
    if (this.#inFlight.size >= MAX_IN_FLIGHT) return this.#fail("logMetrics", TOO_MANY, points);
    try {
      const result: unknown = this.#backend.logMetrics(metrics, step, at);
      if (result === undefined && !this.#quarantined) this.#delivered += points;
      else this.#settle("logMetrics", result, points);
    } catch (error) {
      this.#fail("logMetrics", error, points);
    }
  }

  /** Records anything else by one call of the backend; `records` is how many it counts as. */
  record(operation: string, write: (backend: LoggerBackend) => unknown, records: number = 1): void {
    if (this.#quarantined && !this.#admits(records)) return;
    if (this.#inFlight.size >= MAX_IN_FLIGHT) return this.#fail(operation, TOO_MANY, records);
    try {
      this.#settle(operation, write(this.#backend), records);
    } catch (error) {
      this.#fail(operation, error, records);
    }
  }

  /** Counts a record that it is not given: it "lacks" the kind and there is no substitute, or the record was "unreadable". */
  drop(why: "lacks" | "unreadable"): void {
    this.#dropped++;
    if (why === "lacks") this.#unsupported++;
  }

  /** Starts the backend, in `timeoutMs` at most. Throws or rejects on a definite refusal only. */
  start(run: RunInfo, control: RunControl, timeoutMs: number): MaybePromise<void> {
    if (!this.has("start")) return undefined;
    this.#startAgain = () => this.#backend.start?.(run, control);
    try {
      const result: unknown = this.#startAgain();
      if (isPromise(result)) return this.#started(result, timeoutMs);
      this.#startAgain = null;
    } catch (error) {
      if (isRefusal(error)) this.#refuse(error);
      this.#fail("start", error, 0);
    }
    return undefined;
  }

  /** Flushes within `bounds`, unless the backend rests. `refused`: records that no backend was given. */
  async flush(bounds: Bounds | undefined, refused: number): Promise<DeliveryReport[]> {
    if (this.#quarantined && this.#elapsed() < this.#retryAt) return this.#reports(undefined, refused);
    return this.#finish("flush", bounds, refused, (limits) => this.#backend.flush?.(limits));
  }

  /** Closes within `bounds`, also a backend that rests. */
  async close(status: RunStatus, bounds: Bounds | undefined, refused: number): Promise<DeliveryReport[]> {
    return this.#finish("close", bounds, refused, (limits) => this.#backend.close?.(status, limits));
  }

  async #finish(
    operation: "flush" | "close",
    bounds: Bounds | undefined,
    refused: number,
    work: (limits: Bounds) => MaybePromise<DeliveryReport[] | void>,
  ): Promise<DeliveryReport[]> {
    const limits: Bounds = { timeoutMs: bounds?.timeoutMs ?? DEFAULT_TIMEOUT_MS, signal: bounds?.signal };
    let unsettled: string | undefined;
    const settleThenWork = async (): Promise<DeliveryReport[] | void> => {
      unsettled = await this.#unsettled(limits);
      return work(limits);
    };
    const outcome = await within(settleThenWork(), limits, operation);
    if (unsettled !== undefined) this.#fail(operation, unsettled, 0);
    if (outcome.done) return this.#reports(outcome.value, refused, unsettled);
    this.#fail(operation, outcome.error, 0);
    return this.#reports(undefined, refused, redactText(messageOf(outcome.error)));
  }

  /**
   * Waits for the promises that the backend's methods returned so far, half of the bound at most: the other half is the
   * work's. Resolves with what was wrong, or undefined.
   */
  async #unsettled({ timeoutMs = DEFAULT_TIMEOUT_MS, signal }: Bounds): Promise<string | undefined> {
    if (this.#inFlight.size === 0) return undefined;
    const outcome = await within(Promise.allSettled(this.#inFlight), { timeoutMs: timeoutMs / 2, signal }, "settle");
    return outcome.done ? undefined : messageOf(outcome.error);
  }

  #reports(own: DeliveryReport[] | void, refused: number, failed?: string): DeliveryReport[] {
    const error = failed ?? this.#errorText();
    const counted: DeliveryReport = {
      backend: this.name,
      delivered: this.#delivered,
      pending: this.#pending,
      refused,
      dropped: this.#dropped,
      ...(this.#unsupported > 0 && { unsupported: this.#unsupported }),
      ...(error !== undefined && { error }),
    };
    return combinedReports(own, counted);
  }

  #errorText(): string | undefined {
    if (this.#firstError === undefined) return undefined;
    return this.#failures === 1 ? this.#firstError : `${this.#firstError} (${this.#failures} failures)`;
  }

  async #started(starting: PromiseLike<unknown>, timeoutMs: number): Promise<void> {
    this.#watchStart(starting);
    const outcome = await within(starting, { timeoutMs }, "start");
    if (outcome.done) return;
    if (isRefusal(outcome.error)) this.#refuse(outcome.error);
    this.#fail("start", outcome.error, 0);
  }

  /** A start that succeeds after its time-out ends the quarantine. */
  #watchStart(starting: PromiseLike<unknown>): void {
    this.#starting = true;
    starting.then(
      () => {
        this.#starting = false;
        this.#startAgain = null;
        this.#recover();
      },
      () => {
        this.#starting = false;
      },
    );
  }

  #refuse(error: unknown): never {
    this.#fail("start", error, 0);
    this.#retryAt = Infinity;
    throw error;
  }

  #admits(records: number): boolean {
    if (this.#elapsed() >= this.#retryAt && this.#isStarted()) return true;
    this.#dropped += records;
    return false;
  }

  #isStarted(): boolean {
    if (this.#startAgain === null) return true;
    if (this.#starting) return false;
    try {
      const result: unknown = this.#startAgain();
      if (isPromise(result)) {
        this.#watchStart(result);
        this.#settle("start", result, 0);
        return false;
      }
      this.#startAgain = null;
      return true;
    } catch (error) {
      this.#fail("start", error, 0);
      if (isRefusal(error)) this.#retryAt = Infinity;
      return false;
    }
  }

  #settle(operation: string, result: unknown, records: number): void {
    if (!isPromise(result)) {
      this.#delivered += records;
      this.#recover();
      return;
    }
    this.#pending += records;
    const settled = result.then(
      () => {
        this.#pending -= records;
        this.#delivered += records;
        this.#inFlight.delete(settled);
        this.#recover();
      },
      (error: unknown) => {
        this.#pending -= records;
        this.#inFlight.delete(settled);
        this.#fail(operation, error, records);
      },
    );
    this.#inFlight.add(settled);
  }

  #recover(): void {
    if (!this.#quarantined) return;
    this.#quarantined = false;
    this.#restMs = FIRST_REST_MS;
  }

  #fail(operation: string, error: unknown, records: number): void {
    this.#failures++;
    this.#dropped += records;
    this.#firstError ??= redactText(`${operation}: ${messageOf(error)}`);
    const now = this.#elapsed();
    if (!this.#quarantined || now >= this.#retryAt) {
      this.#quarantined = true;
      this.#retryAt = now + this.#restMs;
      this.#restMs = Math.min(LONGEST_REST_MS, this.#restMs * 2);
    }
    if (this.#failures === 1) this.#onFailed({ backend: this.name, operation, error, count: 1 });
  }
}

function isRefusal(error: unknown): boolean {
  return isTrainscopeError(error) && error.code === "ERR_BACKEND_REFUSED";
}
