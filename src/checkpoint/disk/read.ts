import { createHash } from "node:crypto";
import { join } from "node:path";
import type { CheckpointProblem, StateTree, StateValue } from "../../contract/index.js";
import { errorCode } from "../../support/error-code.js";
import { messageOf, TrainscopeError } from "../../support/errors.js";
import { decompressed, missingCompression, SUFFIX } from "../format/compression.js";
import type { FileFacts, Manifest } from "../format/manifest.js";
import { splitOptimizers } from "../format/optimizer-file.js";
import { runFileProblem } from "../format/run-shape.js";
import { decode } from "../format/safetensors.js";
import { decodeState } from "../format/state-codec.js";
import type { CheckpointFiles, OpenFile } from "./files.js";

/** Files are read in pieces of this size; one piece is hashed while the next is read. */
const CHUNK_BYTES = 8 * 1024 * 1024;

interface Contents {
  model: StateTree;
  optimizers: Record<string, StateTree>;
  run: StateValue | undefined;
}

/** The contents of a checkpoint, each file verified against its size and SHA-256 in the manifest, or every problem. */
export async function readCheckpoint(
  files: CheckpointFiles,
  dir: string,
  manifest: Manifest,
): Promise<{ contents: Contents } | { problems: CheckpointProblem[] }> {
  const contents: Contents = { model: {}, optimizers: {}, run: undefined };
  const found: CheckpointProblem[] = [];
  for (const file of Object.keys(manifest.files)) {
    const { bytes, problems } = await readFile(files, dir, manifest, file);
    try {
      if (bytes !== null) decodeInto(contents, file, bytes, manifest.step);
    } catch (error) {
      problems.push(messageOf(error));
    }
    found.push(...problems.map((problem) => ({ checkpoint: manifest.name, file, problem })));
  }
  return found.length > 0 ? { problems: found } : { contents };
}

/** One file, uncompressed. It is good when there are no problems; bytes with a wrong hash are returned too, for `decodeInto`. */
export async function readFile(
  files: CheckpointFiles,
  dir: string,
  manifest: Manifest,
  file: string,
): Promise<{ bytes: Uint8Array | null; problems: string[] }> {
  const facts = manifest.files[file];
  if (facts === undefined) return { bytes: null, problems: ["its manifest does not list it"] };
  const { bytes, problems } = await readVerified(files, join(dir, manifest.name, file), facts);
  const { compress } = manifest;
  if (bytes === null || compress === "none" || !file.endsWith(SUFFIX[compress])) return { bytes, problems };
  const missing = missingCompression(compress);
  if (missing !== null) return { bytes: null, problems: [...problems, `it is compressed: ${missing}`] };
  try {
    return { bytes: await decompressed(compress, bytes), problems };
  } catch (error) {
    return { bytes: null, problems: [...problems, `it cannot be decompressed: ${messageOf(error)}`] };
  }
}

function decodeInto(contents: Contents, file: string, bytes: Uint8Array, step: number): void {
  if (file === "run.json") {
    contents.run = decodeState(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8"));
    const problem = runFileProblem(contents.run, step);
    if (problem !== null) throw new TrainscopeError("ERR_CHECKPOINT_DAMAGED", problem);
    return;
  }
  const { tensors, metadata } = decode(bytes);
  if (file.startsWith("model.")) contents.model = tensors;
  else contents.optimizers = splitOptimizers(tensors, metadata);
}

/** A file whose hash is wrong is returned too: decoding it may show a second problem. */
async function readVerified(
  files: CheckpointFiles,
  path: string,
  facts: FileFacts,
): Promise<{ bytes: Uint8Array | null; problems: string[] }> {
  try {
    const file = await files.openToRead(path);
    try {
      const size = await file.size();
      if (size !== facts.bytes) return { bytes: null, problems: [`it has ${size} bytes, its manifest says ${facts.bytes}`] };
      const { bytes, sha256 } = await readAndHash(file, size);
      if (sha256 === facts.sha256) return { bytes, problems: [] };
      return { bytes, problems: [`its SHA-256 is ${sha256}, its manifest says ${facts.sha256}`] };
    } finally {
      await file.close();
    }
  } catch (error) {
    const problem = errorCode(error) === "ENOENT" ? "it is missing" : `it cannot be read: ${messageOf(error)}`;
    return { bytes: null, problems: [problem] };
  }
}

async function readAndHash(file: OpenFile, size: number): Promise<{ bytes: Uint8Array; sha256: string }> {
  const bytes = Buffer.allocUnsafeSlow(size);
  const hash = createHash("sha256");
  let hashed = 0;
  for (let filled = 0; filled < size;) {
    const reading = file.read(bytes.subarray(filled, Math.min(size, filled + CHUNK_BYTES)), filled);
    hash.update(bytes.subarray(hashed, filled)); // the piece before, while this one is read
    hashed = filled;
    const count = await reading;
    if (count === 0) break;
    filled += count;
  }
  hash.update(bytes.subarray(hashed));
  return { bytes, sha256: hash.digest("hex") };
}
