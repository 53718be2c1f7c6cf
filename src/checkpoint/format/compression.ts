import { totalmem } from "node:os";
import { Readable } from "node:stream";
import * as zlib from "node:zlib";
import type { Transform } from "node:stream";
import type { Compression } from "../../contract/index.js";
import { TrainscopeError } from "../../support/errors.js";
import { declaredBytes, headerEnd } from "./safetensors.js";

type MakeStream = () => Transform;

/** Added in Node 22.15 and 23.8; the types of Node 20 do not have them. */
const zstd = zlib as unknown as { createZstdCompress?: MakeStream; createZstdDecompress?: MakeStream };

/** The end of a compressed file's name. */
export const SUFFIX: Readonly<Record<Compression, string>> = { none: "", gzip: ".gz", zstd: ".zst" };

/** Why `compression` cannot be used on this Node, or null. */
export function missingCompression(compression: Compression): string | null {
  if (compression !== "zstd" || typeof zstd.createZstdCompress === "function") return null;
  return `zstd needs Node 22.15 or newer, and this is Node ${process.versions.node}`;
}

/** The compressed bytes, piece by piece, at the fastest level: weights hardly shrink at any. */
export function compressor(compression: Exclude<Compression, "none">, bytes: Uint8Array): AsyncIterable<Uint8Array> {
  const stream =
    compression === "gzip" ? zlib.createGzip({ level: zlib.constants.Z_BEST_SPEED }) : streamOf(zstd.createZstdCompress);
  return Readable.from(slices(bytes), { objectMode: false }).pipe(stream) as AsyncIterable<Uint8Array>;
}

/**
 * A file of tensors, uncompressed. It is given memory for the size that its header declares, and never more: what decompresses to
 * more is refused before it is read to its end. Throws the decompressor's own error for damaged bytes.
 */
export async function decompressed(compression: Exclude<Compression, "none">, bytes: Uint8Array): Promise<Uint8Array> {
  const stream = compression === "gzip" ? zlib.createGunzip() : streamOf(zstd.createZstdDecompress);
  const source = Readable.from(slices(bytes), { objectMode: false });
  const start: Uint8Array[] = [];
  let whole: Uint8Array | null = null;
  let total = 0;
  for await (const part of source.pipe(stream) as AsyncIterable<Uint8Array>) {
    if (whole === null) start.push(part);
    else if (total + part.byteLength > whole.byteLength) throw tooLong(whole.byteLength);
    else whole.set(part, total);
    total += part.byteLength;
    whole ??= memoryFor(start, total);
  }
  return whole?.subarray(0, total) ?? Buffer.concat(start);
}

/** Memory of the declared size that begins with `start`, or null while `start` does not reach the end of the header. */
function memoryFor(start: Uint8Array[], total: number): Uint8Array | null {
  if (start.length > 1 && (start[0] as Uint8Array).byteLength < 8) start.splice(0, start.length, Buffer.concat(start));
  const first = start[0] as Uint8Array;
  if (first.byteLength < 8 || total < headerEnd(first)) return null;
  const known = Buffer.concat(start);
  const size = declaredBytes(known);
  const memory = totalmem();
  if (size > memory) throw new RangeError(`its header declares ${size} bytes, and this machine has ${memory} bytes of memory`);
  if (total > size) throw tooLong(size);
  const whole = Buffer.allocUnsafeSlow(size); // not from a pool: the tensors need an aligned start
  whole.set(known);
  return whole;
}

function tooLong(size: number): Error {
  return new RangeError(`it has more than the ${size} bytes that its header declares`);
}

function* slices(bytes: Uint8Array): Generator<Uint8Array> {
  const size = 1024 * 1024;
  for (let start = 0; start < bytes.byteLength; start += size) yield bytes.subarray(start, start + size);
}

function streamOf(make: MakeStream | undefined): Transform {
  const missing = missingCompression("zstd");
  if (make === undefined || missing !== null) throw new TrainscopeError("ERR_CONFIG", `${missing}.`, { path: "compress" });
  return make();
}
