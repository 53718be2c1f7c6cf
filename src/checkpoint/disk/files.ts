import { mkdir, open, readdir, rename, rmdir, stat, unlink } from "node:fs/promises";

/** An open file. */
export interface OpenFile {
  /** Writes some of `bytes` at `position` and returns how many: fewer than given when the disk fills up. */
  write(bytes: Uint8Array, position: number): Promise<number>;
  /** Fills some of `bytes` from `position` and returns how many; 0 at the end of the file. */
  read(bytes: Uint8Array, position: number): Promise<number>;
  sync(): Promise<void>;
  close(): Promise<void>;
}

/** The file system as checkpoints use it: few operations, so that tests can make each of them fail. */
export interface CheckpointFiles {
  /** Makes one directory; EEXIST where something of that name exists. */
  makeDirectory(path: string): Promise<void>;
  /** Makes a directory and those above it; no error where it exists. */
  makeDirectories(path: string): Promise<void>;
  /** Opens a new file for writing; EEXIST where something of that name exists. */
  create(path: string): Promise<OpenFile>;
  openToRead(path: string): Promise<OpenFile>;
  size(path: string): Promise<number>;
  rename(from: string, to: string): Promise<void>;
  unlink(path: string): Promise<void>;
  /** Removes an empty directory. */
  removeDirectory(path: string): Promise<void>;
  list(path: string): Promise<{ name: string; isDirectory: boolean }[]>;
  /** Makes the entries of a directory durable, where the platform can. */
  syncDirectory(path: string): Promise<void>;
}

/** The real file system. */
export const nodeFiles: CheckpointFiles = {
  makeDirectory: (path) => mkdir(path),
  async makeDirectories(path) {
    await mkdir(path, { recursive: true });
  },
  create: (path) => opened(path, "wx"),
  openToRead: (path) => opened(path, "r"),
  size: async (path) => (await stat(path)).size,
  rename,
  unlink,
  removeDirectory: (path) => rmdir(path),
  async list(path) {
    const entries = await readdir(path, { withFileTypes: true });
    return entries.map((entry) => ({ name: entry.name, isDirectory: entry.isDirectory() }));
  },
  async syncDirectory(path) {
    if (process.platform === "win32") return; // Windows cannot open directories
    const directory = await open(path, "r");
    try {
      await directory.sync();
    } catch (error) {
      if (errorCode(error) !== "EINVAL") throw error; // a file system without fsync of directories
    } finally {
      await directory.close();
    }
  },
};

async function opened(path: string, flags: "wx" | "r"): Promise<OpenFile> {
  const handle = await open(path, flags);
  return {
    write: async (bytes, position) => (await handle.write(bytes, 0, bytes.byteLength, position)).bytesWritten,
    read: async (bytes, position) => (await handle.read(bytes, 0, bytes.byteLength, position)).bytesRead,
    sync: () => handle.sync(),
    close: () => handle.close(),
  };
}

/** The `code` of a system error, or undefined. */
export function errorCode(error: unknown): string | undefined {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === "string" ? code : undefined;
}

/** Reads a small file whole, as UTF-8. */
export async function readText(files: CheckpointFiles, path: string): Promise<string> {
  const file = await files.openToRead(path);
  try {
    const bytes = Buffer.alloc(await files.size(path));
    let filled = 0;
    while (filled < bytes.byteLength) {
      const count = await file.read(bytes.subarray(filled), filled);
      if (count === 0) break;
      filled += count;
    }
    return bytes.toString("utf8", 0, filled);
  } finally {
    await file.close();
  }
}
