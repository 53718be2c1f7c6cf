import type { LoggerProtocol } from "../contract/index.js";
import { redactText } from "../config/redact.js";
import type { TrainerEmitter } from "./events.js";
import type { Progress } from "./progress.js";

/** The run's warnings. They reach the log, the console and `trainer.events` without secrets; until the backends are open, they are kept. */
export class Warnings {
  readonly #events: TrainerEmitter;
  readonly #progress: Progress;
  readonly #kept: { message: string; emits: boolean }[] = [];
  #logger: LoggerProtocol | null = null;
  /** True while the run waits for something before its backends are open: a warning then is an event, and one of the process, at once. */
  urgent = false;

  constructor(events: TrainerEmitter, progress: Progress) {
    this.#events = events;
    this.#progress = progress;
  }

  /** Writes the warnings so far; from now on each is written when it comes. */
  open(logger: LoggerProtocol): void {
    this.#logger = logger;
    for (const { message, emits } of this.#kept.splice(0)) this.#write(logger, message, emits);
  }

  warn(message: string): void {
    this.#add(message, true);
  }

  /** An event's listener threw. For a listener of `warning` no event follows: it would throw again, without end. */
  listenerThrew(event: string, message: string): void {
    this.#add(message, event !== "warning");
  }

  #add(text: string, emits: boolean): void {
    const message = redactText(text);
    if (this.#logger !== null) return this.#write(this.#logger, message, emits);
    this.#kept.push({ message, emits: emits && !this.urgent });
    if (!this.urgent) return;
    process.emitWarning(message, "TrainscopeWarning");
    if (emits) this.#events.emit("warning", { message });
  }

  #write(logger: LoggerProtocol, message: string, emits: boolean): void {
    logger.logEvent("warning", { message }, this.#progress.step);
    if (emits) this.#events.emit("warning", { message });
  }
}
