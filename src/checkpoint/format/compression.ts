import { Readable } from "node:stream";
import * as zlib from "node:zlib";
import type { Transform } from "node:stream";
import type { Compression } from "../../contract/index.js";
import { TrainscopeError } from "../../support/errors.js";

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

/** Throws the decompressor's own error for damaged bytes. */
export async function decompressed(compression: Compression, bytes: Uint8Array): Promise<Uint8Array> {
  if (compression === "none") return bytes;
  const stream = compression === "gzip" ? zlib.createGunzip() : streamOf(zstd.createZstdDecompress);
  const parts: Uint8Array[] = [];
  let total = 0;
  const source = Readable.from(slices(bytes), { objectMode: false });
  for await (const part of source.pipe(stream) as AsyncIterable<Uint8Array>) {
    parts.push(part);
    total += part.byteLength;
  }
  const whole = Buffer.allocUnsafeSlow(total); // not from a pool: the tensors need an aligned start
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.byteLength;
  }
  return whole;
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
