import { expect, test } from "vitest";
import { decode } from "../format/safetensors.js";
import { Snapshots } from "./snapshot.js";
import { bundle } from "../../../tests/support/checkpoint-state.js";

type Plans = ReturnType<Snapshots["copy"]>;
const buffersOf = (plans: Plans): ArrayBufferLike[] =>
  plans.filter(({ file }) => file !== "run.json").map(({ bytes }) => bytes.buffer);
const sizeOf = (buffers: readonly ArrayBufferLike[]): number => buffers.reduce((sum, { byteLength }) => sum + byteLength, 0);

test("a snapshot is one copy of the state, and later ones need no more", () => {
  const snapshots = new Snapshots("none");
  const state = bundle(1, 100_000);
  let plans = snapshots.copy(state);
  const first = buffersOf(plans);
  expect(sizeOf(first)).toBeLessThan(400_000 * 1.1);
  for (const buffer of first) expect(buffer).toBeInstanceOf(SharedArrayBuffer); // one that moves slows the whole process down
  for (const value of [2, 3]) {
    snapshots.release(plans);
    plans = snapshots.copy(bundle(value, 100_000));
    expect(new Set(buffersOf(plans))).toEqual(new Set(first));
    const kernel = decode(plans[0]!.bytes).tensors["dense/kernel"]!.data as Float32Array;
    expect(kernel.every((item) => item === value)).toBe(true);
  }
});

test("a smaller state is copied into the buffers that are there; what a larger one has outgrown is not kept", () => {
  const snapshots = new Snapshots("none");
  const large = snapshots.copy(bundle(1, 100_000));
  snapshots.release(large);
  const small = snapshots.copy(bundle(2, 1000));
  expect(new Set(buffersOf(small))).toEqual(new Set(buffersOf(large)));
  expect(decode(small[0]!.bytes).tensors["dense/kernel"]!.data).toHaveLength(1000);
  snapshots.release(small);
  const larger = snapshots.copy(bundle(3, 200_000));
  expect(buffersOf(large)).not.toContain(buffersOf(larger)[0]);
  snapshots.release(larger);
  expect(new Set(buffersOf(snapshots.copy(bundle(4, 1000))))).toEqual(new Set(buffersOf(larger)));
});

test("a state that cannot be saved uses up no buffer", () => {
  const snapshots = new Snapshots("none");
  const plans = snapshots.copy(bundle(1, 1000));
  snapshots.release(plans);
  expect(() => snapshots.copy({ ...bundle(1, 1000), run: () => 1 } as never)).toThrow(
    expect.objectContaining({ code: "ERR_STATE" }),
  );
  expect(new Set(buffersOf(snapshots.copy(bundle(2, 1000))))).toEqual(new Set(buffersOf(plans)));
});
