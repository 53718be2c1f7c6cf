/** The payloads that take long to make: what the thread is sent, and how it answers. */
import type { MessagePort } from "node:worker_threads";
import type { ImageData, ScatterAxes, TypedArray } from "../../../contract/index.js";
import { histogramValue, type HistogramOptions } from "../payloads/histogram.js";
import { imagesValue } from "../payloads/image.js";
import { rasterScatter } from "../payloads/raster/scatter.js";
import type { SharedBuffers } from "./shared-buffers.js";

export type PayloadJob =
  | { kind: "histogram"; tag: string; values: TypedArray; options: HistogramOptions }
  | { kind: "images"; tag: string; images: readonly ImageData[] }
  | { kind: "scatter"; tag: string; x: TypedArray; y: TypedArray; axes: ScatterAxes };

/** One for each job, in their order. */
export type PayloadReply = { value: Uint8Array } | { error: string };

/** What the thread is started with: its end of the channel, and how many replies it has sent. */
export interface ThreadInput {
  port: MessagePort;
  replies: Int32Array;
}

/** The bytes of a Summary.Value. */
export function encodeJob(job: PayloadJob): Uint8Array<ArrayBuffer> {
  if (job.kind === "histogram") return histogramValue(job.tag, job.values, job.options);
  if (job.kind === "images") return imagesValue(job.tag, job.images);
  return imagesValue(job.tag, [rasterScatter(job.x, job.y, { ...job.axes, title: job.tag })]);
}

/** The job with arrays of its own, in shared buffers. */
export function copyJob(job: PayloadJob, shared: SharedBuffers): { job: PayloadJob; buffers: SharedArrayBuffer[] } {
  const buffers: SharedArrayBuffer[] = [];
  const copy = <T extends TypedArray>(array: T): T => {
    const buffer = shared.take(array.byteLength);
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
  // A Buffer crosses threads as what it extends.
  const type = array instanceof Uint8Array ? Uint8Array : array.constructor;
  const copy = new (type as new (buffer: SharedArrayBuffer, offset: number, length: number) => T)(buffer, 0, array.length);
  copy.set(array as never);
  return copy;
}

export function jobBytes(job: PayloadJob): number {
  if (job.kind === "histogram") return job.values.byteLength;
  if (job.kind === "scatter") return job.x.byteLength + job.y.byteLength;
  return job.images.reduce((sum, { data }) => sum + data.byteLength, 0);
}
