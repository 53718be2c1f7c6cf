import { TrainscopeError } from "../support/errors.js";
import type { TfjsOps } from "./ops.js";

/** Waits for the backend and returns its name. Throws `ERR_MODEL` where there is none. */
export async function readyBackend(ops: TfjsOps): Promise<string> {
  try {
    await ops.ready();
  } catch (error) {
    throw new TrainscopeError("ERR_MODEL", "No TensorFlow.js backend could be started.", { path: "model.prepare", cause: error });
  }
  const backend = ops.getBackend();
  if (backend !== "" && backend !== undefined) return backend;
  throw new TrainscopeError(
    "ERR_MODEL",
    'TensorFlow.js has no backend: import one and `await tf.setBackend("wasm")` before training.',
    { path: "model.prepare" },
  );
}

/** The warning of a run on the backend "cpu". */
export const SLOW_BACKEND: string = [
  'The TensorFlow.js backend is "cpu" (plain JavaScript), about ten times slower than "wasm" on dense layers.',
  'If you set "wasm", it fell back: on Node set tf.env().set("WASM_HAS_MULTITHREAD_SUPPORT", false), then',
  'await tf.setBackend("wasm") and check tf.getBackend(). `@tensorflow/tfjs-node` is the fastest on a CPU.',
].join(" ");
