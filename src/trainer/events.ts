import type { CheckpointInfo, LogInterval, Metrics } from "../contract/index.js";
import { EventEmitter } from "eventemitter3";
import { isPromise } from "../support/promises.js";

/** What `trainer.events` emits: low-frequency, for live views. Hooks are the synchronous path. */
export interface TrainerEvents {
  /** At every log boundary. */
  interval: [interval: LogInterval];
  /** After the last batch of an epoch; `metrics` by monitor name. */
  epochEnd: [epoch: { epoch: number; step: number; metrics: Metrics }];
  validationEnd: [validation: { epoch: number; step: number; metrics: Metrics }];
  checkpointSaved: [info: CheckpointInfo];
  stopRequested: [stop: { reason: string; step: number; epoch: number }];
  /** Once per backend and failure. */
  backendFailed: [failure: { backend: string; operation: string; error: unknown; count: number }];
  /** A point that was dropped because its name, step or value was not valid. */
  pointRefused: [point: { name: string; reason: string; step: number }];
  warning: [warning: { message: string }];
}

type Listener = (...args: unknown[]) => unknown;

/**
 * An emitter whose listeners cannot harm the run: one that throws or rejects is reported through `onListenerError`, and
 * the others are still called.
 */
export class TrainerEmitter extends EventEmitter<TrainerEvents> {
  readonly #onListenerError: (event: string, error: unknown) => void;

  constructor(onListenerError: (event: string, error: unknown) => void) {
    super();
    this.#onListenerError = onListenerError;
  }

  override emit<Event extends keyof TrainerEvents>(event: Event, ...args: TrainerEvents[Event]): boolean {
    const listeners = this.listeners(event) as Listener[];
    for (const listener of listeners) this.#call(event, listener, args);
    return listeners.length > 0;
  }

  override once<Event extends keyof TrainerEvents>(event: Event, listener: (...args: TrainerEvents[Event]) => void): this {
    const first = (...args: TrainerEvents[Event]): void => {
      this.off(event, first as never);
      return listener(...args);
    };
    return this.on(event, first as never);
  }

  #call(event: string, listener: Listener, args: readonly unknown[]): void {
    try {
      const returned = listener(...args);
      if (isPromise(returned)) returned.then(undefined, (error: unknown) => this.#onListenerError(event, error));
    } catch (error) {
      this.#onListenerError(event, error);
    }
  }
}
