/**
 * The backends these tests run on: wasm and cpu, or with TRAINSCOPE_TFJS_NODE (the path of a tfjs-node package, see
 * scripts/native.mjs) the native binding. Vitest gives every test file its own modules, so every file has its own engine.
 */
import type * as Tf from "@tensorflow/tfjs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import type { ProcessGroup, Scalar, StateTree, StepContext, StepResult } from "../../src/contract/index.js";

const nativePath = process.env["TRAINSCOPE_TFJS_NODE"];

export const tf: typeof Tf = nativePath === undefined ? await import("@tensorflow/tfjs") : await importNative(nativePath);

export const BACKENDS: readonly string[] = nativePath === undefined ? ["wasm", "cpu"] : ["tensorflow"];

/** True where the backend computes convolution gradients. */
export function trainsConvolutions(backend: string): boolean {
  return backend !== "wasm";
}

async function importNative(path: string): Promise<typeof Tf> {
  const loaded = (await import(pathToFileURL(join(path, "dist/index.js")).href)) as { default?: typeof Tf } & typeof Tf;
  return loaded.default ?? loaded;
}

/** Makes `name` the backend, or fails: a silent fallback would test something else. */
export async function useBackend(name: string): Promise<void> {
  if (name === "wasm") {
    const wasm = await import("@tensorflow/tfjs-backend-wasm");
    tf.env().set("WASM_HAS_MULTITHREAD_SUPPORT", false);
    wasm.setWasmPaths(`${dirname(createRequire(import.meta.url).resolve("@tensorflow/tfjs-backend-wasm"))}/`);
  }
  const started = await tf.setBackend(name);
  await tf.ready();
  if (!started || tf.getBackend() !== name) throw new TypeError(`backend ${name} did not start: ${tf.getBackend()}`);
}

const alone: ProcessGroup = {
  rank: 0,
  worldSize: 1,
  allReduce: (values) => values,
  broadcast: (bytes) => bytes,
  gather: (bytes) => [bytes],
  barrier: () => undefined,
  close: () => undefined,
};

/** The context of a step, as the trainer would give it. */
export function contextOf(step: number, more: Partial<StepContext> = {}): StepContext {
  return {
    step,
    epoch: 0,
    loaderIdx: 0,
    loaderName: "default",
    stepSeed: (Math.imul(step, 0x9e3779b1) >>> 0) + 1,
    wantsGradients: false,
    wantsOutputs: false,
    wantsImages: more.wantsOutputs ?? false,
    group: alone,
    signal: new AbortController().signal,
    ...more,
  };
}

/** Reads a scalar once and disposes it. */
export async function take(scalar: Scalar | undefined): Promise<number> {
  if (scalar === undefined) return Number.NaN;
  if (typeof scalar === "number") return scalar;
  const value = await scalar.read();
  scalar.dispose();
  return value;
}

/** Reads and disposes everything that a step returned. */
export async function takeAll(result: StepResult): Promise<Record<string, number>> {
  const values: Record<string, number> = { loss: await take(result.loss) };
  for (const [name, scalar] of Object.entries(result.metrics ?? {})) values[name] = await take(scalar);
  return values;
}

/** A state as bytes by name, for comparison bit by bit. */
export function bytesOf(state: StateTree): Record<string, string> {
  return Object.fromEntries(
    Object.entries(state).map(([name, { shape, dtype, data }]) => {
      const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString("hex");
      return [name, `${dtype}[${shape.join(",")}]${bytes}`];
    }),
  );
}

/** Seeded random numbers in -1..1. */
export function randoms(count: number, seed: number): Float32Array {
  let state = seed;
  return Float32Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  });
}

/** Counts `dataSync` and `data` calls of every tensor. */
export function countReads(): { count(): number; stop(): void } {
  const prototype = tf.Tensor.prototype;
  const { dataSync, data } = prototype;
  let count = 0;
  prototype.dataSync = function counted(...args) {
    count++;
    return dataSync.apply(this, args as []) as never;
  };
  prototype.data = function counted(...args) {
    count++;
    return data.apply(this, args as []) as never;
  };
  return {
    count: () => count,
    stop() {
      prototype.dataSync = dataSync;
      prototype.data = data;
    },
  };
}
