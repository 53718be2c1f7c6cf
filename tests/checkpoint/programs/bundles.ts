/** Bundles that follow from their step alone, so that what was loaded can be compared bit by bit. */
import type { CheckpointBundle, LoadedCheckpoint, SaveDetails, StateTree, Tensor } from "trainscope";

/** Random bits, NaNs with any payload among them. */
function floats(seed: number, count: number): Tensor {
  const bits = new Uint32Array(count);
  let x = (seed * 2654435761 + 1) >>> 0;
  for (let i = 0; i < count; i++) {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    bits[i] = x;
  }
  return { shape: [count], dtype: "F32", data: new Float32Array(bits.buffer) };
}

/** About `kilobytes` of state. */
export function bundleAt(step: number, kilobytes: number): CheckpointBundle {
  const count = kilobytes * 128;
  return {
    model: { weight: floats(step, count), bias: floats(step + 1e6, 7) },
    optimizers: { adam: { "m/weight": floats(step + 2e6, count) } },
    run: { step, loss: step % 3 === 0 ? Number.NaN : -0, seeds: new Uint32Array([step, 7]) },
  };
}

/** Every third step is better than all before it; every fifth has no score; only every fourth may not be superseded. */
export function detailsAt(step: number): SaveDetails {
  const metrics = step % 5 === 0 ? undefined : { "val/loss": step % 3 === 0 ? 1 / step : 1 + 1 / step };
  return { epoch: Math.floor(step / 10), step, metrics, important: step % 4 === 0 };
}

/** True when what was loaded is, bit by bit, what was saved at its step. */
export function isExact(loaded: LoadedCheckpoint, kilobytes: number): boolean {
  const { model, optimizers, run } = bundleAt(loaded.info.step, kilobytes);
  const state = loaded.run as { step: number; loss: number; seeds: Uint32Array };
  const saved = run as typeof state;
  return (
    sameTree(loaded.model, model) &&
    sameTree(loaded.optimizers["adam"] ?? {}, optimizers?.["adam"] ?? {}) &&
    state.step === saved.step &&
    Object.is(state.loss, saved.loss) &&
    Buffer.compare(bytesOf(state.seeds), bytesOf(saved.seeds)) === 0
  );
}

function sameTree(a: StateTree, b: StateTree): boolean {
  const names = Object.keys(a).sort();
  if (names.join("\n") !== Object.keys(b).sort().join("\n")) return false;
  return names.every((name) => {
    const [left, right] = [a[name], b[name]];
    if (left === undefined || right === undefined) return false;
    return (
      left.dtype === right.dtype && left.shape.join() === right.shape.join() && bytesOf(left.data).equals(bytesOf(right.data))
    );
  });
}

function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}
