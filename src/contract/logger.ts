import type { ModelDescription } from "./model.js";
import type { Bounds } from "./ranks.js";
import type { MaybePromise } from "./scalar.js";
import type { RunInfo, RunStatus } from "./run.js";
import type { ImageData, TypedArray } from "./tensor.js";

/** When a point was measured, beside its step. A record with another key, or a value that is not allowed, is refused and reported. */
export interface PointTime {
  /** Index of the epoch, an integer from 0; backends that plot over epochs use it as x. */
  epoch?: number | undefined;
  /**
   * Seconds since 1970, not milliseconds: a record of a time that is over 100 years ahead, negative or NaN is refused.
   * @default the time of the call, read once for all backends
   */
  wallTime?: number | undefined;
}

/** How the axes of a scatter are drawn. */
export interface ScatterAxes {
  /** The text under the x axis; left out: none. */
  xLabel?: string | undefined;
  /** The text beside the y axis; left out: none. */
  yLabel?: string | undefined;
  /** Both axes have one range, and a line shows where x and y are equal. @default false */
  oneToOne?: boolean | undefined;
}

/** What one backend did with the records of the run. Points of metrics count one each, all other calls one a call. */
export interface DeliveryReport {
  /** The backend's name; "checkpoints" for the saves of a run. */
  backend: string;
  /** Records that were written or acknowledged. */
  delivered: number;
  /** Records that are still being written or sent. */
  pending: number;
  /** Points that were not valid, and calls that the backend refused. */
  refused: number;
  /** Records that the backend does not have: it had failed, or lacks the kind. */
  dropped: number;
  /** How many of `dropped` are of a kind that the backend lacks, such as a picture for a log of lines: nothing went wrong. @default 0 */
  unsupported?: number | undefined;
  /** The backend's first failure, and how many there were; absent where none. */
  error?: string | undefined;
}

/** Where the records of a backend are, for people. */
export interface LogDestination {
  /** Which backend writes there, as reports call it. */
  backend: string;
  /** The directory, file or address that the records are written to. */
  location: string;
  /** The words of a command that shows them, paths absolute, such as `["tensorboard", "--logdir", "/home/me/runs"]`. @default none */
  view?: readonly string[] | undefined;
}

/** What a backend may request from the run. */
export interface RunControl {
  /** Where the backends of the run write to; complete when all of them have started. Absent where a backend is used alone. */
  destinations?(): readonly LogDestination[];
  /** Ends the run after the current step, also before `minEpochs` and `minSteps`; `reason` becomes `result.reason`. */
  requestStop(reason: string): void;
}

/** A file that belongs to the run. */
export interface Artifact {
  /** The name it is stored under, unique in the run. */
  name: string;
  /** Where the file is now. */
  path: string;
  /** What it is, in the backend's terms: "model", "config". @default none */
  type?: string | undefined;
  /**
   * "snapshot" stores the file as it is at the call, so that it may change or vanish afterwards; "reference" stores the path only.
   * @default "snapshot"
   */
  keep?: "snapshot" | "reference" | undefined;
}

/** A run parameter; nested objects are flattened with dots before they get here. */
export type ParamValue = string | number | boolean | null;

/**
 * Where everything that is observed is written: `trainer.logger`, and every class that combines or wraps backends.
 * - Calls return at once and never throw into the loop; a failure is counted and reported (`trainer.events`, `DeliveryReport`).
 * - Records reach each backend in the order of the calls.
 * - Names are ASCII letters, digits and `_ - . space : /`, at most 250 characters, without an empty segment; steps are integers from 0.
 *   A record that breaks this is dropped, counted as `refused` and reported once for each name and reason.
 * - The objects passed belong to the caller and may be used again after the call: a backend copies what it keeps.
 */
export interface LoggerProtocol {
  /** Names the backend in reports, warnings and delivery counts. A second backend of the name is `name#2` there. */
  readonly name: string;
  /**
   * Called once, before any record: opens what the backend writes to. Throw `ERR_BACKEND_REFUSED` where no retry can help: the run then
   * fails before its first step. Any other error is counted, and the start is retried with the next record.
   */
  start(run: RunInfo, control: RunControl): MaybePromise<void>;
  /**
   * Records the run's parameters; a name logged again gets the new value. Objects in them are flattened with dots in the names, and lists
   * become JSON, before any backend gets them.
   */
  logParams(params: Readonly<Record<string, unknown>>): void;
  /** Records one point per name at `step`. NaN and infinities are values; a value that is no number is dropped and counted. */
  logMetrics(metrics: Readonly<Record<string, number>>, step: number, at?: PointTime): void;
  /** Records the distribution of `values` (any length, any numeric type) under `name` at `step`. */
  logHistogram(name: string, values: TypedArray, step: number, at?: PointTime): void;
  /**
   * Records one picture under `name` at `step`: `height` × `width` pixels with 1, 3 or 4 channels; integers are 0 to 255, floats 0 to 1, by
   * the type of the array.
   */
  logImage(name: string, image: ImageData, step: number, at?: PointTime): void;
  /** Records `text`, of any length, under `name` at `step`. */
  logText(name: string, text: string, step: number, at?: PointTime): void;
  /** Records the points (`x[i]`, `y[i]`) under `name` at `step`; `x` and `y` have one length, such as predictions against targets. */
  logScatter(name: string, x: TypedArray, y: TypedArray, step: number, at?: PointTime, axes?: ScatterAxes): void;
  /** Records the model's layers, signature and files; the last description counts. */
  logGraph(description: ModelDescription): void;
  /** Records a file of the run, such as its config or a model; `step` says what it belongs to, where it has one. */
  logArtifact(artifact: Artifact, step?: number): void;
  /**
   * Records that something happened. The trainer's own events are "warning" and "error", with `{ message, … }` as data, and "runEnd", with a
   * `RunEnd`.
   */
  logEvent(name: string, data: Readonly<Record<string, unknown>>, step?: number): void;
  /** Sets labels of the run by which it is found and grouped; a name set again gets the new value. */
  setTags(tags: Readonly<Record<string, string>>): void;
  /** Sets what the user wants to remember of the run, as Markdown; the last text counts. */
  setNotes(markdown: string): void;
  /**
   * Resolves when what was logged so far is written or sent, or when a bound is reached (10 s where `bounds` has no `timeoutMs`), with one
   * report for each backend. Never rejects.
   */
  flush(bounds?: Bounds): Promise<DeliveryReport[]>;
  /**
   * Writes what is left, records how the run ended, and releases files, timers and connections, within the same bounds as `flush`. Later
   * calls resolve with the same reports, and records after it are ignored. Never rejects.
   */
  close(status: RunStatus, bounds?: Bounds): Promise<DeliveryReport[]>;
}

/**
 * What a backend of your own has: a name, `logMetrics`, and any other method of `LoggerProtocol`. A record of a kind that it lacks is
 * converted to one that it has (a histogram to its minimum, maximum, mean and deviation), else counted as dropped. Its methods may throw,
 * reject or hang: the failure is reported, and the backend rests for 1 s, doubling to 60 s, before the next record is tried.
 *
 * The trainer's logger checks each record and hides secrets before a backend gets it. Used without a trainer, give a backend to a
 * `CompositeLogger`, also where it is the only one: by itself it writes what it is given, and may throw.
 */
export type LoggerBackend = Pick<LoggerProtocol, "name" | "logMetrics"> &
  Partial<Omit<LoggerProtocol, "name" | "logMetrics" | "logParams" | "flush" | "close">> & {
    /** Records the run's parameters, flat; a name logged again gets the new value. */
    logParams?(params: Readonly<Record<string, ParamValue>>): void;
    /** Where the records are written to, once it has started: the console shows it. */
    destinations?(): readonly LogDestination[];
    /**
     * Called once, before `close`, with what the other backends did with their records. A backend that has this method is closed after
     * those that have not: it is one that shows people how the run ended.
     */
    logDelivery?(reports: readonly DeliveryReport[]): MaybePromise<void>;
    /** Writes or sends what was logged so far, within `bounds`. Return reports to replace the counts that are kept for the backend. */
    flush?(bounds?: Bounds): MaybePromise<DeliveryReport[] | void>;
    /** Called once, always: writes what is left and releases everything, within `bounds`. Return reports as in `flush`. */
    close?(status: RunStatus, bounds?: Bounds): MaybePromise<DeliveryReport[] | void>;
  };
