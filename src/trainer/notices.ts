import type { LoggerProtocol } from "../contract/index.js";
import type { TrainerEmitter } from "./events.js";
import type { Progress } from "./progress.js";

/** What the trainer has to say to its user: warnings reach the log, the console and `trainer.events`. */
export class Notices {
  readonly #events: TrainerEmitter;
  readonly #progress: Progress;
  readonly #early: string[] = [];
  #logger: LoggerProtocol | null = null;

  constructor(events: TrainerEmitter, progress: Progress) {
    this.#events = events;
    this.#progress = progress;
  }

  /** From now on warnings are written; those that came before go first. */
  open(logger: LoggerProtocol): void {
    this.#logger = logger;
    for (const message of this.#early.splice(0)) this.warn(message);
  }

  warn(message: string): void {
    if (this.#logger === null) {
      this.#early.push(message);
      return;
    }
    this.#logger.logEvent("warning", { message }, this.#progress.step);
    this.#events.emit("warning", { message });
  }
}
