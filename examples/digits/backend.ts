import * as tf from "@tensorflow/tfjs";
import { setWasmPaths } from "@tensorflow/tfjs-backend-wasm";
import { createRequire } from "node:module";
import { dirname } from "node:path";

/**
 * Starts the wasm backend and checks that it is active. Its threaded build is disabled: on Node it falls back to the slow
 * plain JavaScript backend without a warning.
 */
export async function startWasm(): Promise<void> {
  if (tf.getBackend() === "wasm") return;
  const { resolve } = createRequire(import.meta.url);
  tf.env().set("WASM_HAS_MULTITHREAD_SUPPORT", false);
  setWasmPaths(`${dirname(resolve("@tensorflow/tfjs-backend-wasm"))}/`);
  await tf.setBackend("wasm");
  await tf.ready();
  if (tf.getBackend() !== "wasm") throw new TypeError(`The wasm backend did not start; the backend is ${tf.getBackend()}.`);
  transposeBeforeMultiplying();
}

/** The arguments of a kernel. */
type KernelArguments = Parameters<tf.KernelFunc>[0];
interface Matrix {
  dataId: object;
  shape: number[];
}

/**
 * The wasm backend multiplies matrices with SIMD, but uses a plain loop, about 20 times slower, when an operand is
 * transposed, as in every gradient of a dense layer. This kernel transposes first, with the backend's own kernels.
 */
function transposeBeforeMultiplying(): void {
  const multiply = tf.getKernel("BatchMatMul", "wasm");
  const transpose = tf.getKernel("Transpose", "wasm");
  const transposed = (x: Matrix, backend: object): Matrix => {
    const perm = x.shape.map((_, axis) => axis);
    perm.push(...perm.splice(-2).reverse());
    return transpose.kernelFunc({ inputs: { x } as never, backend, attrs: { perm } }) as Matrix;
  };
  const kernelFunc: tf.KernelFunc = ({ inputs, backend, attrs }: KernelArguments) => {
    const { a, b } = inputs as unknown as { a: Matrix; b: Matrix };
    const left = attrs?.["transposeA"] === true ? transposed(a, backend) : a;
    const right = attrs?.["transposeB"] === true ? transposed(b, backend) : b;
    const product = multiply.kernelFunc({
      inputs: { a: left, b: right } as never,
      backend,
      attrs: { transposeA: false, transposeB: false },
    });
    for (const made of [left, right]) if (made !== a && made !== b) (backend as tf.KernelBackend).disposeData(made.dataId);
    return product;
  };
  tf.unregisterKernel("BatchMatMul", "wasm");
  tf.registerKernel({ ...multiply, kernelFunc });
}
