import type { ModelDescription } from "./model.js";
import type { Bounds } from "./ranks.js";
import type { MaybePromise } from "./scalar.js";
import type { RunInfo, RunStatus } from "./run.js";
import type { ImageData, TypedArray } from "./tensor.js";

/** When a point was taken. `wallTime` is in seconds since 1970. */
export interface PointTime {
  epoch?: number | undefined;
  wallTime?: number | undefined;
}

/** How the axes of a scatter are labelled. */
export interface ScatterAxes {
  xLabel?: string | undefined;
  yLabel?: string | undefined;
  /** Both axes have one range, and a line shows where x and y are equal. Default false. */
  oneToOne?: boolean | undefined;
}

/** What one backend did with the records it was given. */
export interface DeliveryReport {
  backend: string;
  delivered: number;
  pending: number;
  /** Points that were not valid, and calls that the backend refused. */
  refused: number;
  /** Records lost: the backend had failed, or lacks the kind. */
  dropped: number;
  error?: string | undefined;
}

/** What a backend may ask of the run. */
export interface RunControl {
  requestStop(reason: string): void;
}

/** A file that belongs to the run. */
export interface Artifact {
  name: string;
  path: string;
  type?: string | undefined;
  keep?: "snapshot" | "reference" | undefined;
}

/** A run parameter; nested objects are flattened with dots before they get here. */
export type ParamValue = string | number | boolean | null;

/** Where everything that is observed goes. Calls return at once and never throw into the loop. */
export interface LoggerProtocol {
  readonly name: string;
  start(run: RunInfo, control: RunControl): MaybePromise<void>;
  logParams(params: Readonly<Record<string, ParamValue>>): void;
  logMetrics(metrics: Readonly<Record<string, number>>, step: number, at?: PointTime): void;
  logHistogram(name: string, values: TypedArray, step: number, at?: PointTime): void;
  logImage(name: string, image: ImageData, step: number, at?: PointTime): void;
  logText(name: string, text: string, step: number, at?: PointTime): void;
  logScatter(name: string, x: TypedArray, y: TypedArray, step: number, at?: PointTime, axes?: ScatterAxes): void;
  logGraph(description: ModelDescription): void;
  logArtifact(artifact: Artifact, step?: number): void;
  /** Something that happened. The trainer's own are `warning` and `error`, with `{ message, … }`. */
  logEvent(name: string, data: Readonly<Record<string, unknown>>, step?: number): void;
  setTags(tags: Readonly<Record<string, string>>): void;
  flush(bounds?: Bounds): Promise<DeliveryReport[]>;
  close(status: RunStatus, bounds?: Bounds): Promise<DeliveryReport[]>;
}

/** What a user's own backend must write: a name and `logMetrics`. A record kind that it lacks is converted or counted. */
export type LoggerBackend = Pick<LoggerProtocol, "name" | "logMetrics"> &
  Partial<Omit<LoggerProtocol, "name" | "logMetrics" | "flush" | "close">> & {
    flush?(bounds?: Bounds): MaybePromise<DeliveryReport[] | void>;
    close?(status: RunStatus, bounds?: Bounds): MaybePromise<DeliveryReport[] | void>;
  };
