/** Writing bytes, all of them. */
import type { CheckpointFiles, OpenFile } from "./files.js";

/** A disk that fills takes a part without an error, and refuses the next part. */
export async function writeAll(file: OpenFile, bytes: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < bytes.byteLength;) {
    const count = await file.write(bytes.subarray(done), position + done);
    if (count <= 0) throw Object.assign(new RangeError("ENOSPC: the file system took no more bytes"), { code: "ENOSPC" });
    done += count;
  }
}

/** Writes and syncs a file that is not there yet. */
export async function writeNewFile(files: CheckpointFiles, path: string, bytes: Uint8Array): Promise<void> {
  const file = await files.create(path);
  try {
    await writeAll(file, bytes, 0);
    await file.sync();
  } finally {
    await file.close();
  }
}
