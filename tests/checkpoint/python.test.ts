/** What is saved here loads in Python through the `safetensors` package, bit by bit, and the other way round. */
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import * as zlib from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { CheckpointManager } from "../../src/checkpoint/index.js";
import { decode } from "../../src/checkpoint/format/safetensors.js";
import type { Compression, DType, StateTree, Tensor, TypedArray } from "../../src/contract/index.js";
import { requirePython, runPython } from "../support/peers.js";

const python = requirePython("tests/checkpoint/python.test.ts") ?? "";
const script = fileURLToPath(new URL("./programs/peer.py", import.meta.url));

let root = "";
beforeAll(() => void (root = mkdtempSync(join(tmpdir(), "trainscope-python-"))));
afterAll(() => rmSync(root, { recursive: true, force: true }));

interface Described {
  dtype: string;
  shape: number[];
  hex: string;
}
interface FileContents {
  metadata: Record<string, string> | null;
  tensors: Record<string, Described>;
}

const ask = (command: string, file: string): FileContents =>
  JSON.parse(runPython(python, script, [command, file])) as FileContents;

const NUMPY: Readonly<Record<DType, string>> = {
  F32: "float32",
  F64: "float64",
  I64: "int64",
  I32: "int32",
  I16: "int16",
  I8: "int8",
  U8: "uint8",
  U16: "uint16",
  U32: "uint32",
  BOOL: "bool",
};

function described({ dtype, shape, data }: Tensor): Described {
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  return { dtype: NUMPY[dtype], shape: [...shape], hex: bytes.toString("hex") };
}

function describedTree(tree: StateTree): Record<string, Described> {
  return Object.fromEntries(Object.entries(tree).map(([name, tensor]) => [name, described(tensor)]));
}

function tensor(dtype: DType, data: TypedArray, shape: readonly number[] = [data.length]): Tensor {
  return { dtype, shape, data };
}

/** Signalling and quiet NaNs with payloads, infinities, -0, the smallest denormal, the largest number. */
const singles = new Float32Array(
  new Uint32Array([0x7f800001, 0xffc0beef, 0x7fc00000, 0x7f800000, 0xff800000, 0x80000000, 1, 0x7f7fffff]).buffer,
);
const doubles = new Float64Array(
  new BigUint64Array([0x7ff8deadbeef0001n, 0xfff0000000000001n, 0x7ff0000000000000n, 0x8000000000000000n, 1n]).buffer,
);

const MODEL: StateTree = {
  singles: tensor("F32", singles, [2, 4]),
  doubles: tensor("F64", doubles),
  i64: tensor("I64", new BigInt64Array([-(2n ** 63n), 2n ** 63n - 1n])),
  i32: tensor("I32", new Int32Array([-(2 ** 31), 2 ** 31 - 1, 0]), [3, 1]),
  i16: tensor("I16", new Int16Array([-(2 ** 15), 2 ** 15 - 1])),
  i8: tensor("I8", new Int8Array([-128, 127, 0]), [1, 1, 3]),
  u8: tensor(
    "U8",
    new Uint8Array(256).map((_, i) => i),
    [4, 64],
  ),
  clamped: tensor("U8", new Uint8ClampedArray([0, 255, 7])),
  u16: tensor("U16", new Uint16Array([0, 2 ** 16 - 1, 5])),
  u32: tensor("U32", new Uint32Array([0, 2 ** 32 - 1])),
  flags: tensor("BOOL", new Uint8Array([1, 0, 1, 1, 0])),
  scalar: tensor("F32", new Float32Array([0.1]), []),
  scalar64: tensor("F64", new Float64Array([0.1]), []),
  empty: tensor("F32", new Float32Array(0), [0]),
  emptyMatrix: tensor("F32", new Float32Array(0), [3, 0, 2]),
  "слой/重み.ü🙂": tensor("F32", new Float32Array([1.5, -2.5])),
  'a "quoted"\\name\nwith a line': tensor("I8", new Int8Array([3])),
  "": tensor("U8", new Uint8Array([9])),
  ["__proto__"]: tensor("U8", new Uint8Array([8])),
  7: tensor("U8", new Uint8Array([7])),
  part: tensor("F32", new Float32Array([9, 1, 2, 9]).subarray(1, 3)),
};

const ADAM: StateTree = {
  "m/слой": tensor("F32", singles),
  "v/слой": tensor("F32", singles.slice(2)),
  step: tensor("I64", new BigInt64Array([12n]), []),
};
const SGD: StateTree = { momentum: tensor("F64", doubles) };

/** Node 20 has no zstd. */
const COMPRESSIONS: readonly Compression[] = ["none", "gzip", ...("createZstdCompress" in zlib ? (["zstd"] as const) : [])];

async function savedAs(compress: Compression): Promise<{ manager: CheckpointManager; path: string; name: string }> {
  const manager = new CheckpointManager({ dir: join(root, compress), compress });
  const bundle = { model: MODEL, optimizers: { "adam/weights": ADAM, sgd: SGD }, run: { loss: Number.NaN } };
  const info = await manager.save(bundle, { epoch: 0, step: 1 }).committed;
  if (info === "superseded") throw new Error("It was the only save.");
  return { manager, path: info.path, name: info.name };
}

describe.skipIf(python === "")("Python reads what was saved", () => {
  test("the weights", async () => {
    const { manager, path } = await savedAs("none");
    await manager.close();
    expect(ask("read", join(path, "model.safetensors")).tensors).toEqual(describedTree(MODEL));
  });

  test("the states of two optimizers", async () => {
    const { manager, path } = await savedAs("none");
    await manager.close();
    const { tensors } = ask("read", join(path, "optimizer.safetensors"));
    const found = Object.entries(tensors).map(([name, value]) => [name.slice(name.indexOf("/") + 1), value]);
    expect(Object.fromEntries(found)).toEqual(describedTree({ ...ADAM, ...SGD }));
  });

  test.each(COMPRESSIONS)("weights exported from a checkpoint with compression %s", async (compress) => {
    const { manager, name } = await savedAs(compress);
    const file = join(root, `exported-${compress}.safetensors`);
    await manager.exportSafetensors(name, file);
    await manager.close();
    expect(ask("read", file).tensors).toEqual(describedTree(MODEL));
    expect(statSync(file).size).toBeGreaterThan(0);
  });
});

describe.skipIf(python === "")("what Python wrote is read here", () => {
  test("bit by bit, with its metadata", () => {
    const file = join(root, "from-python.safetensors");
    const wrote = ask("write", file);
    const { tensors, metadata } = decode(readFileSync(file));
    expect(describedTree(tensors)).toEqual(wrote.tensors);
    expect(metadata).toEqual(wrote.metadata);
  });

  test("and saved and loaded again it is the same", async () => {
    const file = join(root, "there-and-back.safetensors");
    const wrote = ask("write", file);
    const manager = new CheckpointManager({ dir: join(root, "back") });
    const { tensors } = decode(readFileSync(file));
    await manager.save({ model: tensors }, { epoch: 0, step: 1 }).committed;
    const loaded = await manager.loadLast();
    expect(describedTree(loaded?.model ?? {})).toEqual(wrote.tensors);
    await manager.exportSafetensors(loaded?.info.name ?? "", join(root, "back.safetensors"));
    await manager.close();
    expect(ask("read", join(root, "back.safetensors")).tensors).toEqual(wrote.tensors);
  });

  test("a dtype that there is no array for is named", () => {
    const file = join(root, "half.safetensors");
    ask("half", file);
    expect(() => decode(readFileSync(file))).toThrow(/the tensor "half" has the dtype "F16"/);
  });
});
