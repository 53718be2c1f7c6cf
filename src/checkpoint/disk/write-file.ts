import type { CheckpointFiles, OpenFile } from "./files.js";

/** Writes all of `bytes`. A disk that fills up writes a part without an error, and then nothing: that throws `ENOSPC`. */
export async function writeAll(file: OpenFile, bytes: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < bytes.byteLength;) {
    const count = await file.write(bytes.subarray(done), position + done);
    if (count <= 0) throw Object.assign(new RangeError("ENOSPC: the file system wrote no more bytes"), { code: "ENOSPC" });
    done += count;
  }
}

/** Creates, writes and syncs a file; throws `EEXIST` where one of that name exists. */
export async function writeNewFile(files: CheckpointFiles, path: string, bytes: Uint8Array): Promise<void> {
  const file = await files.create(path);
  try {
    await writeAll(file, bytes, 0);
    await file.sync();
  } finally {
    await file.close();
  }
}
