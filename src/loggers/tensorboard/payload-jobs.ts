/** The payloads that take long to make: what the thread is sent, and how it answers. */
import type { MessagePort } from "node:worker_threads";
import type { ImageData, TypedArray } from "../../contract/index.js";
import { histogramValue, type HistogramOptions } from "./payloads/histogram.js";
import { imagesValue } from "./payloads/image.js";
import { rasterScatter } from "./payloads/raster/scatter.js";

export type PayloadJob =
  | { kind: "histogram"; tag: string; values: TypedArray; options: HistogramOptions }
  | { kind: "images"; tag: string; images: readonly ImageData[] }
  | { kind: "scatter"; tag: string; x: TypedArray; y: TypedArray };

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
  return imagesValue(job.tag, [rasterScatter(job.x, job.y, { title: job.tag })]);
}

/** The job with arrays of its own, which may be transferred. */
export function copyJob(job: PayloadJob): { job: PayloadJob; arrays: TypedArray[] } {
  if (job.kind === "histogram") {
    const values = job.values.slice();
    return { job: { kind: job.kind, tag: job.tag, values, options: { buckets: job.options.buckets } }, arrays: [values] };
  }
  if (job.kind === "scatter") {
    const [x, y] = [job.x.slice(), job.y.slice()];
    return { job: { ...job, x, y }, arrays: [x, y] };
  }
  const images = job.images.map(({ width, height, channels, data }) => ({ width, height, channels, data: data.slice() }));
  return { job: { ...job, images }, arrays: images.map(({ data }) => data) };
}

export function jobBytes(job: PayloadJob): number {
  if (job.kind === "histogram") return job.values.byteLength;
  if (job.kind === "scatter") return job.x.byteLength + job.y.byteLength;
  return job.images.reduce((sum, { data }) => sum + data.byteLength, 0);
}
