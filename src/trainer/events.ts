import type { CheckpointInfo, LogInterval, Metrics } from "../contract/index.js";
import { EventEmitter } from "eventemitter3";
import type { BackendFailure, RefusedPoint } from "../loggers/index.js";
import { TrainscopeError } from "../support/errors.js";
import { guardedListener } from "../support/guarded-listener.js";
import { suggest } from "../support/nearest.js";
import { valueText } from "../support/value-text.js";

/** What was measured, and the progress of the run. */
interface Measured {
  /** The epoch it belongs to, from 0. */
  epoch: number;
  /** How many optimizer steps are completed. */
  step: number;
  /** The last values by monitor name: `train/loss`, `val/loss`, … */
  metrics: Metrics;
}

/** A request to stop the run. */
interface StopRequested {
  /** Why, in words: of several requests, `result.reason` has the one that counted. */
  reason: string;
  /** How many optimizer steps are completed. */
  step: number;
  /** The current epoch, from 0. */
  epoch: number;
}

/** What the trainer logs as a `warning` event. */
interface Warned {
  /** What happened and what to change. */
  message: string;
}

/** The events of `trainer.events`, with what their listeners are called with: for live views. Hooks see every step. */
export interface TrainerEvents {
  /** At every log boundary, after the hooks' `onLogInterval`: the last step's values, and sums since the boundary before. */
  interval: [interval: LogInterval];
  /** After the hooks' `onEpochEnd`; not for an epoch that a stop ends in the middle. */
  epochEnd: [epoch: Measured];
  /** After the hooks' `onValidationEnd`; not for a validation that an interruption cuts short. */
  validationEnd: [validation: Measured];
  /** At the first boundary after a checkpoint was committed to disk, before the hooks' `onCheckpointSaved`. */
  checkpointSaved: [info: CheckpointInfo];
  /** At each request to stop, also one that is dropped later because it came before `minEpochs` or `minSteps`. */
  stopRequested: [stop: StopRequested];
  /** Once for each backend, at its first failure. */
  backendFailed: [failure: BackendFailure];
  /** A point was dropped, because its name, step or value is not valid: once for each name and reason. */
  pointRefused: [point: RefusedPoint];
  /** At each warning; those from before the backends are open come when they are. */
  warning: [warning: Warned];
}

const EVENTS: ReadonlySet<unknown> = new Set(
  Object.keys({
    interval: true,
    epochEnd: true,
    validationEnd: true,
    checkpointSaved: true,
    stopRequested: true,
    backendFailed: true,
    pointRefused: true,
    warning: true,
  } satisfies Record<keyof TrainerEvents, true>),
);

type Listener = (...args: unknown[]) => unknown;
type Guard = (listener: Listener, args: readonly unknown[]) => void;

/**
 * The emitter behind `trainer.events`.
 * - Its listeners cannot harm the run: what one throws, or rejects with, becomes a warning, and the others are still called.
 * - A function that was added twice is called twice; `off` removes it however often, and in whichever way, it was added.
 * - A listener that is added or removed during an event is so from the next one on.
 * - An event that there is none of, and a listener that is no function, are refused with `ERR_CONFIG`.
 */
export class TrainerEmitter extends EventEmitter<TrainerEvents> {
  readonly #onListenerError: (event: string, error: unknown) => void;
  readonly #guards = new Map<string, Guard>();
  /** Events that may have listeners added by `once`. */
  readonly #once = new Set<string>();

  /** @internal */
  constructor(onListenerError: (event: string, error: unknown) => void) {
    super();
    this.#onListenerError = onListenerError;
  }

  /** Calls the listeners of `event` in the order in which they were added. Returns false where there is none. */
  override emit<Event extends keyof TrainerEvents>(event: Event, ...args: TrainerEvents[Event]): boolean {
    const listeners = this.listeners(event);
    if (this.#once.delete(event)) for (const listener of listeners) this.off(event, listener, undefined, true);
    for (const listener of listeners) this.#guardOf(event)(listener as Listener, args);
    return listeners.length > 0;
  }

  /** Calls `listener` at every `event`. Throws `ERR_CONFIG` for another event or no function. */
  override on<Event extends keyof TrainerEvents>(event: Event, listener: (...args: TrainerEvents[Event]) => void): this {
    return super.on(checkedEvent(event), checkedListener(listener) as never);
  }

  /** The same as `on`. */
  override addListener<Event extends keyof TrainerEvents>(event: Event, listener: (...args: TrainerEvents[Event]) => void): this {
    return this.on(event, listener);
  }

  /** Calls `listener` at the next `event` only. `off` removes it before that. Throws as `on`. */
  override once<Event extends keyof TrainerEvents>(event: Event, listener: (...args: TrainerEvents[Event]) => void): this {
    super.once(checkedEvent(event), checkedListener(listener) as never);
    this.#once.add(event);
    return this;
  }

  #guardOf(event: string): Guard {
    const known = this.#guards.get(event);
    if (known !== undefined) return known;
    const guard: Guard = guardedListener(
      (listener: Listener, args: readonly unknown[]) => listener(...args),
      (error) => this.#onListenerError(event, error),
    );
    this.#guards.set(event, guard);
    return guard;
  }
}

function checkedEvent<Event extends keyof TrainerEvents>(event: Event): Event {
  if (EVENTS.has(event)) return event;
  const message = `There is no event ${valueText(event)}.\n${suggest(String(event), EVENTS as ReadonlySet<string>)}`;
  throw new TrainscopeError("ERR_CONFIG", message, { path: "trainer.events" });
}

function checkedListener<Given>(listener: Given): Given {
  if (typeof listener === "function") return listener;
  throw new TrainscopeError("ERR_CONFIG", `The listener is ${valueText(listener)}, not a function.`, { path: "trainer.events" });
}
