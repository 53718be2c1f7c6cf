/** The payloads that take long to encode: the messages to the thread and its replies. */
import type { MessagePort } from "node:worker_threads";
import type { ImageData, ScatterAxes, TypedArray } from "../../../contract/index.js";
import { TrainscopeError } from "../../../support/errors.js";
import { arrayProblem, scatterProblem } from "../../composite/record-problems.js";
import { histogramValue, type HistogramOptions } from "../payloads/histogram.js";
import { imagesProblem, imagesValue } from "../payloads/image.js";
import { rasterScatter } from "../payloads/raster/scatter.js";
import type { SharedBuffers } from "./shared-buffers.js";

/** A payload to encode. */
export type PayloadJob =
  | { kind: "histogram"; tag: string; values: TypedArray; options: HistogramOptions }
  | { kind: "images"; tag: string; images: readonly ImageData[] }
  | { kind: "scatter"; tag: string; x: TypedArray; y: TypedArray; axes: ScatterAxes };

/** The answer to a job: a Summary.Value, or why there is none. Replies have the order of the jobs. */
export type PayloadReply = { value: Uint8Array } | { error: string };

/** What the thread is started with. */
export interface ThreadInput {
  /** The thread's end of the channel. */
  port: MessagePort;
  /** The number of replies that the thread has sent. */
  replies: Int32Array;
}

/** The bytes of a job's Summary.Value. */
export function encodeJob(job: PayloadJob): Uint8Array<ArrayBuffer> {
  if (job.kind === "histogram") return histogramValue(job.tag, job.values, job.options);
  if (job.kind === "images") return imagesValue(job.tag, job.images);
  return imagesValue(job.tag, [rasterScatter(job.x, job.y, { ...job.axes, title: job.tag })]);
}

/** The job with copies of its arrays, in shared buffers. */
export function copyJob(job: PayloadJob, shared: SharedBuffers): { job: PayloadJob; buffers: SharedArrayBuffer[] } {
  const buffers: SharedArrayBuffer[] = [];
  const copy = <T extends TypedArray>(array: T): T => {
    const buffer = shared.acquire(array.byteLength);
    buffers.push(buffer);
    return copyInto(array, buffer);
  };
  return { job: copyWith(job, copy), buffers };
}

function copyWith(job: PayloadJob, copy: <T extends TypedArray>(array: T) => T): PayloadJob {
  const { tag } = job;
  if (job.kind === "histogram")
    return { kind: job.kind, tag, values: copy(job.values), options: { buckets: job.options.buckets } };
  if (job.kind === "scatter") return { kind: job.kind, tag, x: copy(job.x), y: copy(job.y), axes: job.axes };
  const images = job.images.map(({ width, height, channels, data }) => ({ width, height, channels, data: copy(data) }));
  return { kind: job.kind, tag, images };
}

function copyInto<T extends TypedArray>(array: T, buffer: SharedArrayBuffer): T {
  const type = array instanceof Uint8Array ? Uint8Array : array.constructor; // a Buffer arrives in a thread as a Uint8Array
  const copy = new (type as new (buffer: SharedArrayBuffer, offset: number, length: number) => T)(buffer, 0, array.length);
  copy.set(array as never);
  return copy;
}

/** The bytes of a job's arrays. Throws `ERR_METRIC_VALUE` where one is not a typed array, or does not fit the others. */
export function jobBytes(job: PayloadJob): number {
  const problem = jobProblem(job);
  if (problem !== null) throw new TrainscopeError("ERR_METRIC_VALUE", problem);
  if (job.kind === "histogram") return job.values.byteLength;
  if (job.kind === "scatter") return job.x.byteLength + job.y.byteLength;
  return job.images.reduce((sum, { data }) => sum + data.byteLength, 0);
}

function jobProblem(job: PayloadJob): string | null {
  if (job.kind === "histogram") return arrayProblem(job.values);
  return job.kind === "scatter" ? scatterProblem(job.x, job.y) : imagesProblem(job.images);
}
