import type { DeliveryReport } from "../../contract/index.js";
import { messageOf, type TrainscopeError } from "../../support/errors.js";
import { guardedListener } from "../../support/guarded-listener.js";
import { recordProblem, valueProblem } from "../composite/record-problems.js";
import { EventFile } from "./files/event-file.js";
import { summaryEvent } from "./files/events.js";
import { cancelCloseAtExit, closeAtExit } from "./files/exit.js";
import { claimDirectory, releaseDirectory } from "./files/open-directories.js";
import { removeStepsFrom } from "./files/remove-steps.js";
import { ScalarEncoder } from "./files/scalars.js";
import type { ResolvedSummaryWriterOptions } from "./options.js";
import { processWarning, Refusals } from "./refusals.js";
import { StepLimit } from "./step-limit.js";
import { tagProblem } from "./tag-rule.js";
import type { PayloadJob } from "./thread/payload-jobs.js";
import { PayloadThread } from "./thread/payload-thread.js";
import { isWallTime, wallTimeProblem } from "../composite/point-time.js";

/** How long a program that ends without `close` waits for pending payloads. */
const EXIT_WAIT_MS = 2000;
const NO_TAGS: ReadonlySet<string> = new Set();

/**
 * What one writer has open in its run directory: the event file, the thread for payloads, and the count of refused records.
 * - Every record is judged once: it is written, or counted and reported, or skipped, where an earlier attempt logged it at the step
 *   before the resumed one.
 * - What `encode` throws is a refusal. Nothing is thrown.
 * - A program that ends without `close` closes it then.
 */
export class RunOutput {
  /** The run directory, absolute. */
  readonly dir: string;
  /** Writes scalars to the event file. */
  readonly scalars: ScalarEncoder;
  /** Encodes histograms and images for the event file. */
  readonly thread: PayloadThread;
  /** Tells the writer's listener of an error; never throws. */
  readonly onError: (error: TrainscopeError) => void;
  /** The records that were not accepted. */
  readonly refusals: Refusals;
  /** The steps that are accepted. Shared by a writer and its children: TensorBoard also reads the metrics of hparams below a run. */
  steps: StepLimit = new StepLimit();
  /** False once the writer is being closed: later records are refused. */
  isOpen = true;
  /** The step before the resumed one; -1 where no run is resumed. */
  readonly lastStep: number = -1;
  readonly #tagsOfLastStep: ReadonlySet<string> = NO_TAGS;
  readonly #file: EventFile;
  readonly #atExit = {
    close: (): void => {
      this.thread.wait(EXIT_WAIT_MS);
      this.close();
    },
  };
  #isClosed = false;

  /** Throws `ERR_LOG` when another writer of this process has the directory open. Creates no file before the first record. */
  constructor(dir: string, { resumeStep, onError, ...fileOptions }: ResolvedSummaryWriterOptions) {
    claimDirectory(dir);
    const report = guardedListener(onError ?? processWarning);
    this.dir = dir;
    this.onError = report;
    this.refusals = new Refusals(report);
    if (resumeStep !== undefined) {
      const { hasHparams, tagsOfLastStep } = removeStepsFrom(dir, resumeStep, report);
      if (hasHparams) this.steps.limitToHparams();
      this.lastStep = resumeStep - 1;
      this.#tagsOfLastStep = tagsOfLastStep;
    }
    const file = new EventFile({ ...fileOptions, dir, resumeStep, onError: report });
    this.#file = file;
    this.scalars = new ScalarEncoder(file, (tag, reason) => this.refusals.add(tag, reason));
    this.thread = new PayloadThread({
      encoded: ({ step, wallTime }, value) => file.append(summaryEvent(wallTime, step, [value])),
      refused: ({ tag }, reason) => this.refusals.add(tag, reason),
      lost: (jobs, reason) => file.countLost(jobs, lostMessage(jobs, reason)),
    });
    closeAtExit(this.#atExit);
  }

  /** True until the close; afterwards the record is refused. */
  isOpenFor(tag: unknown): boolean {
    if (!this.isOpen) this.refusals.add(tag, "The writer is closed.", "closed");
    return this.isOpen;
  }

  /** True when the record may be written; else it is refused. The tag of a scalar is checked by `scalars`. */
  accepts(tag: string, step: number, wallTime: number | undefined): boolean {
    const problem = tagProblem(tag);
    if (problem === null || !this.isOpen) return this.acceptsPoint(tag, step, wallTime);
    this.refusals.add(tag, problem);
    return false;
  }

  /** As `accepts`, for a tag that is checked elsewhere. */
  acceptsPoint(tag: unknown, step: number, wallTime: number | undefined): boolean {
    if (this.isOpen && isWallTime(wallTime) && this.steps.accepts(step)) return true;
    if (!this.isOpenFor(tag)) return false;
    if (isWallTime(wallTime)) this.refusals.add(tag, ...this.steps.problemOf(step));
    else this.refusals.add(tag, wallTimeProblem(wallTime), "wall time");
    return false;
  }

  /** What `check` returns; null where it throws, and the record is refused. */
  checked<T>(tag: string, check: () => T): T | null {
    if (!this.isOpenFor(tag)) return null;
    try {
      return check();
    } catch (error) {
      this.refusals.add(tag, messageOf(error));
      return null;
    }
  }

  /** Writes one scalar. `wallTime` in seconds since 1970, default now. */
  writeScalar(tag: string, value: number, step: number, wallTime: number | undefined): void {
    if (!this.acceptsPoint(tag, step, wallTime)) return;
    if (typeof value !== "number") return this.refusals.add(tag, valueProblem(value) ?? "");
    if (this.isLogged(tag, step)) return;
    this.thread.poll();
    this.scalars.one(tag, value, step, wallTime ?? Date.now() / 1000);
  }

  /** Writes the numbers of `values` as one event; each other value is refused by itself. */
  writeScalars(values: Readonly<Record<string, number>>, step: number, wallTime: number | undefined): void {
    try {
      const problem = recordProblem("values", values);
      if (problem !== null) return this.refusals.add("scalars", problem);
      if (!this.isOpen || !isWallTime(wallTime) || !this.steps.accepts(step)) {
        for (const tag in values) this.acceptsPoint(tag, step, wallTime);
        return;
      }
      this.thread.poll();
      const unlogged = step === this.lastStep ? this.unloggedOf(values) : values;
      this.scalars.many(unlogged, step, wallTime ?? Date.now() / 1000);
    } catch (error) {
      this.refusals.add("scalars", `The values could not be read: ${messageOf(error)}`);
    }
  }

  /** True when an earlier attempt logged the tag at the step that the run was resumed from. */
  isLogged(tag: string, step: number): boolean {
    return step === this.lastStep && this.#tagsOfLastStep.has(tag);
  }

  /** The values that no earlier attempt logged at `lastStep`. */
  unloggedOf(values: Readonly<Record<string, number>>): Record<string, number> {
    return Object.fromEntries(Object.entries(values).filter(([tag]) => !this.#tagsOfLastStep.has(tag)));
  }

  /** Encodes a payload, in the thread or here, and writes it. `wallTime` in seconds since 1970, default now. */
  writePayload(job: PayloadJob, step: number, wallTime: number | undefined): void {
    const { tag } = job;
    if (!this.accepts(tag, step, wallTime) || this.isLogged(tag, step)) return;
    try {
      this.thread.add(job, { tag, step, wallTime: wallTime ?? Date.now() / 1000 });
    } catch (error) {
      this.refusals.add(tag, messageOf(error));
    }
  }

  /** Writes summary values; false when the record was refused. */
  write(tag: string, step: number, wallTime: number | undefined, encode: () => readonly Uint8Array[]): boolean {
    if (!this.accepts(tag, step, wallTime)) return false;
    return this.writeEvent(tag, wallTime, (seconds) => summaryEvent(seconds, step, encode()));
  }

  /** Writes an event, encoded for its wall time in seconds; false when the record was refused. */
  writeEvent(tag: string, wallTime: number | undefined, encode: (seconds: number) => Uint8Array): boolean {
    try {
      this.#file.append(encode(wallTime ?? Date.now() / 1000));
      return true;
    } catch (error) {
      this.refusals.add(tag, messageOf(error));
      return false;
    }
  }

  /** What became of the records so far. */
  report(): DeliveryReport {
    const { delivered, dropped, error } = this.#file;
    const pending = this.#file.pending + this.thread.pending;
    const report = { backend: "tensorboard", delivered, pending, refused: this.refusals.count, dropped };
    return error === undefined ? report : { ...report, error };
  }

  /** Writes the encoded records that are pending. */
  flush(): void {
    this.#file.flush();
  }

  /** Ends the thread, writes the encoded records that are pending, and closes the file. */
  close(): void {
    if (this.#isClosed) return;
    this.isOpen = false;
    this.#isClosed = true;
    this.thread.stop();
    this.#file.close();
    cancelCloseAtExit(this.#atExit);
    releaseDirectory(this.dir);
  }
}

function lostMessage(jobs: number, reason: string): string {
  const lost = `The thread that encodes histograms and images ended, and ${jobs} of them were lost: ${reason}`;
  return `${lost}\nLater ones are encoded on the main thread.`;
}
