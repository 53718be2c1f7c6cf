/** States for tests of checkpoints. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { CheckpointBundle, StateTree } from "../../src/contract/index.js";

/** Weights that hold `value`; the first numbers say which save it was. */
export function weights(value: number, count = 6): StateTree {
  return {
    "dense/kernel": { dtype: "F32", shape: [count], data: new Float32Array(count).fill(value) },
    "dense/bias": { dtype: "F64", shape: [], data: new Float64Array([value]) },
    mask: { dtype: "BOOL", shape: [2], data: new Uint8Array([1, 0]) },
  };
}

export function bundle(value: number, count?: number): CheckpointBundle {
  return {
    model: weights(value, count),
    optimizers: { adam: { m: { dtype: "F32", shape: [2], data: new Float32Array([value, -0]) } } },
    run: { value, best: NaN, seen: new Float64Array([value, Infinity]) },
  };
}

/** Which save a loaded checkpoint was. */
export function valueOf(loaded: { model: StateTree } | null): number | undefined {
  return loaded?.model["dense/bias"]?.data[0] as number | undefined;
}

/** A directory that does not exist yet, inside one that is removed with `remove`. */
export function temporary(): { dir: string; remove: () => void } {
  const root = mkdtempSync(join(tmpdir(), "trainscope-checkpoints-"));
  return { dir: join(root, "checkpoints"), remove: () => rmSync(root, { recursive: true, force: true }) };
}
