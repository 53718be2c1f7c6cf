import type { DeliveryReport } from "../../contract/index.js";
import { messageOf } from "../../support/errors.js";
import { guardedListener } from "../../support/guarded-listener.js";
import { valueText } from "../../support/value-text.js";
import { EventFile } from "./files/event-file.js";
import { summaryEvent } from "./files/events.js";
import { cancelCloseAtExit, closeAtExit } from "./files/exit.js";
import { claimDirectory, releaseDirectory } from "./files/open-directories.js";
import { removeStepsFrom } from "./files/remove-steps.js";
import { ScalarEncoder } from "./files/scalars.js";
import type { ResolvedSummaryWriterOptions } from "./options.js";
import { keysProblem } from "./payloads/known-keys.js";
import { processWarning, Refusals } from "./refusals.js";
import { StepLimit } from "./step-limit.js";
import type { PayloadJob } from "./thread/payload-jobs.js";
import { PayloadThread } from "./thread/payload-thread.js";

/** How long a program that ends without `close` waits for pending payloads. */
const EXIT_WAIT_MS = 2000;
const NO_TAGS: ReadonlySet<string> = new Set();

/**
 * What one writer has open in its run directory: the event file, the thread for payloads, and the count of refused records.
 * - Every record is judged once, by `accepts` or `allows`: it is written, or counted and reported.
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
  /** The records that were not accepted. */
  readonly refusals: Refusals;
  /** The steps that are accepted. Shared by a writer and its children: TensorBoard also reads the metrics of hparams below a run. */
  steps: StepLimit = new StepLimit();
  /** False once the writer is being closed: later records are ignored. */
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
    this.refusals = new Refusals(report);
    if (resumeStep !== undefined) {
      const { hasHparams, tagsOfLastStep } = removeStepsFrom(dir, resumeStep, report);
      if (hasHparams) this.steps.limitToHparams();
      this.lastStep = resumeStep - 1;
      this.#tagsOfLastStep = tagsOfLastStep;
    }
    const file = new EventFile({ ...fileOptions, dir, resumeStep, onError: report });
    this.#file = file;
    this.scalars = new ScalarEncoder(file);
    this.thread = new PayloadThread({
      encoded: ({ step, wallTime }, value) => file.append(summaryEvent(wallTime, step, [value]), Date.now()),
      refused: ({ tag }, reason) => this.refusals.add(tag, reason),
      lost: (jobs, reason) => file.countLost(jobs, lostMessage(jobs, reason)),
    });
    closeAtExit(this.#atExit);
  }

  /** True when the record may be written; else it is refused or, after the close, ignored. */
  accepts(tag: string, step: number): boolean {
    if (!this.isOpen) return false;
    if (typeof tag === "string" && this.steps.accepts(step)) return true;
    if (typeof tag === "string") this.refusals.add(tag, ...this.steps.problemOf(step));
    else this.refusals.add(tag, `The tag is ${valueText(tag)}, not a string.`, "tag");
    return false;
  }

  /** True when `options` is an object with `known` keys only; else the record is refused or, after the close, ignored. */
  allows(tag: string, options: object, known: readonly string[]): boolean {
    if (!this.isOpen) return false;
    const problem = keysProblem("The options", options, known);
    if (problem !== null) this.refusals.add(tag, problem);
    return problem === null;
  }

  /** Refuses a scalar that is not a number. */
  refuseValue(tag: string, value: unknown): void {
    this.refusals.add(tag, `The value is ${valueText(value)}, not a number.`, "value");
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
    if (!this.accepts(tag, step) || this.isLogged(tag, step)) return;
    try {
      this.thread.add(job, { tag, step, wallTime: wallTime ?? Date.now() / 1000 });
    } catch (error) {
      this.refusals.add(tag, messageOf(error));
    }
  }

  /** Writes summary values; false when the record was refused. */
  write(tag: string, step: number, wallTime: number | undefined, encode: () => readonly Uint8Array[]): boolean {
    if (!this.accepts(tag, step)) return false;
    return this.writeEvent(tag, wallTime, (seconds) => summaryEvent(seconds, step, encode()));
  }

  /** Writes an event, encoded for its wall time in seconds; false when the record was refused. */
  writeEvent(tag: string, wallTime: number | undefined, encode: (seconds: number) => Uint8Array): boolean {
    try {
      const now = Date.now();
      this.#file.append(encode(wallTime ?? now / 1000), now);
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
