/** Changes stored checkpoints as someone who can write to the disk would: every hash is computed again. */
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

type Json = Record<string, unknown>;
interface FileFacts {
  bytes: number;
  sha256: string;
}

/** Edits the manifest of the checkpoint at `path`; `edit` may return another body. */
export function tamperManifest(path: string, edit: (body: Json & { files: Record<string, FileFacts> }) => unknown): void {
  const file = join(path, "manifest.json");
  const { sha256: _, ...body } = JSON.parse(readFileSync(file, "utf8")) as Json & { files: Record<string, FileFacts> };
  const edited = edit(body) ?? body;
  writeFileSync(file, JSON.stringify({ ...(edited as Json), sha256: sha256(JSON.stringify(edited)) }));
}

/** Replaces a file of the checkpoint at `path`. */
export function tamperFile(path: string, file: string, bytes: Uint8Array | string): void {
  writeFileSync(join(path, file), bytes);
  tamperManifest(path, ({ files }) => {
    files[file] = { bytes: Buffer.byteLength(bytes), sha256: sha256(bytes) };
  });
}

/** Edits `run.json` as it is stored; `edit` may return another value. */
export function tamperRun(path: string, edit: (run: Json) => unknown): void {
  const run = JSON.parse(readFileSync(join(path, "run.json"), "utf8")) as Json;
  tamperFile(path, "run.json", JSON.stringify(edit(run) ?? run));
}

/** Edits the header of a file of tensors: `edit` gets it as an object and returns the new one, or its text. */
export function tamperHeader(path: string, file: string, edit: (header: Record<string, Json>) => unknown): void {
  const bytes = readFileSync(join(path, file));
  const end = 8 + Number(bytes.readBigUInt64LE(0));
  const header = JSON.parse(bytes.toString("utf8", 8, end)) as Record<string, Json>;
  const edited = edit(header) ?? header;
  tamperFile(path, file, tensorFile(typeof edited === "string" ? edited : JSON.stringify(edited), bytes.subarray(end)));
}

/** A file in the safetensors format, whatever its header says. */
export function tensorFile(header: string, data: Uint8Array): Buffer {
  const text = Buffer.from(header);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.byteLength));
  return Buffer.concat([length, text, data]);
}

function sha256(content: Uint8Array | string): string {
  return createHash("sha256").update(content).digest("hex");
}
