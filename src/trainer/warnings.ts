import type { LoggerProtocol } from "../contract/index.js";
import type { TrainerEmitter } from "./events.js";
import type { Progress } from "./progress.js";

/** What the trainer has to say to its user: warnings reach the log, the console and `trainer.events`. */
export class Warnings {
  readonly #events: TrainerEmitter;
  readonly #progress: Progress;
  readonly #early: { message: string; emits: boolean }[] = [];
  #logger: LoggerProtocol | null = null;

  constructor(events: TrainerEmitter, progress: Progress) {
    this.#events = events;
    this.#progress = progress;
  }

  /** From now on warnings are written; those that came before go first. */
  open(logger: LoggerProtocol): void {
    this.#logger = logger;
    for (const { message, emits } of this.#early.splice(0)) this.#write(logger, message, emits);
  }

  warn(message: string): void {
    this.#take(message, true);
  }

  /** An event's listener threw. A listener of `warning` is not told of its own fault: it would throw for ever. */
  listenerThrew(event: string, message: string): void {
    this.#take(message, event !== "warning");
  }

  #take(message: string, emits: boolean): void {
    if (this.#logger === null) this.#early.push({ message, emits });
    else this.#write(this.#logger, message, emits);
  }

  #write(logger: LoggerProtocol, message: string, emits: boolean): void {
    logger.logEvent("warning", { message }, this.#progress.step);
    if (emits) this.#events.emit("warning", { message });
  }
}
