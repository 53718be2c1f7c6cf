import type { Stats } from "node:fs";
import { lstat, mkdir, open, readdir, rename, rmdir, stat, unlink, type FileHandle } from "node:fs/promises";
import { join } from "node:path";
import { errorCode } from "../../support/error-code.js";
import { READ_NOW } from "../../support/regular-file.js";

/** No manifest is larger: one metric takes some 30 bytes. */
const MAX_TEXT_BYTES = 64 * 1024 * 1024;
/** What systems say that cannot sync a directory, or that allow nobody to open one for it. 524 is ENOTSUPP of Linux. */
const NO_DIRECTORY_SYNC: ReadonlySet<string> = new Set(
  "EINVAL ENOTSUP EOPNOTSUPP ENOSYS ENOTTY EPERM EACCES EBADF EISDIR".split(" ").concat("Unknown system error -524"),
);

/** An open file. */
export interface OpenFile {
  /** Writes some of `bytes` at `position` and returns how many: fewer than given when the disk fills up. */
  write(bytes: Uint8Array, position: number): Promise<number>;
  /** Fills some of `bytes` from `position` and returns how many; 0 at the end of the file. */
  read(bytes: Uint8Array, position: number): Promise<number>;
  size(): Promise<number>;
  sync(): Promise<void>;
  close(): Promise<void>;
}

/** The file system as checkpoints use it: few operations, so that tests can make each of them fail. */
export interface CheckpointFiles {
  /** Makes one directory; EEXIST where something of that name exists. */
  makeDirectory(path: string): Promise<void>;
  /** Makes a directory and those above it, and returns the topmost that was made; undefined where it exists. */
  makeDirectories(path: string): Promise<string | undefined>;
  /** Opens a new file for writing; EEXIST where something of that name exists. */
  create(path: string): Promise<OpenFile>;
  /** Opens a regular file; throws for a directory, a FIFO or a device, and does not wait for one. */
  openToRead(path: string): Promise<OpenFile>;
  /** True for a symbolic link, wherever it leads; false where there is nothing. */
  isLink(path: string): Promise<boolean>;
  rename(from: string, to: string): Promise<void>;
  unlink(path: string): Promise<void>;
  /** Removes an empty directory. */
  removeDirectory(path: string): Promise<void>;
  /** A link to a directory counts as one. */
  list(path: string): Promise<{ name: string; isDirectory: boolean }[]>;
  /** Makes the entries of a directory durable, where the platform can. */
  syncDirectory(path: string): Promise<void>;
}

/** The real file system. */
export const nodeFiles: CheckpointFiles = {
  makeDirectory: (path) => mkdir(path),
  makeDirectories: (path) => mkdir(path, { recursive: true }),
  create: async (path) => openFile(await open(path, "wx")),
  async openToRead(path) {
    const handle = await open(path, READ_NOW);
    try {
      const found = await handle.stat();
      if (found.isFile()) return openFile(handle);
      const kind = found.isDirectory() ? "a directory" : found.isFIFO() ? "a FIFO" : "a device";
      throw Object.assign(new TypeError(`${kind} is in its place`), { code: "EINVAL" });
    } catch (error) {
      await handle.close();
      throw error;
    }
  },
  isLink: async (path) => (await statOrNull(() => lstat(path)))?.isSymbolicLink() ?? false,
  rename,
  unlink,
  removeDirectory: (path) => rmdir(path),
  async list(path) {
    const entries = await readdir(path, { withFileTypes: true });
    const listed = entries.map(async (entry) => {
      const found = entry.isSymbolicLink() ? await statOrNull(() => stat(join(path, entry.name))) : entry;
      return { name: entry.name, isDirectory: found?.isDirectory() ?? false };
    });
    return Promise.all(listed);
  },
  async syncDirectory(path) {
    if (process.platform === "win32") return; // Windows cannot open directories
    try {
      const directory = await open(path, "r");
      try {
        await directory.sync();
      } finally {
        await directory.close();
      }
    } catch (error) {
      if (!NO_DIRECTORY_SYNC.has(errorCode(error) ?? "")) throw error; // otherwise entries are as durable as the system makes them
    }
  },
};

function openFile(handle: FileHandle): OpenFile {
  return {
    write: async (bytes, position) => (await handle.write(bytes, 0, bytes.byteLength, position)).bytesWritten,
    read: async (bytes, position) => (await handle.read(bytes, 0, bytes.byteLength, position)).bytesRead,
    size: async () => (await handle.stat()).size,
    sync: () => handle.sync(),
    close: () => handle.close(),
  };
}

/** Null where there is nothing, and for a link that leads nowhere or in a circle. */
async function statOrNull(read: () => Promise<Stats>): Promise<Stats | null> {
  try {
    return await read();
  } catch (error) {
    if (["ENOENT", "ELOOP", "ENOTDIR", "EACCES"].includes(errorCode(error) ?? "")) return null;
    throw error;
  }
}

/** Reads a small file whole, as UTF-8. Throws for one that is too large. */
export async function readText(files: CheckpointFiles, path: string): Promise<string> {
  const file = await files.openToRead(path);
  try {
    const size = await file.size();
    if (size > MAX_TEXT_BYTES) throw new RangeError(`it has ${size} bytes, and at most ${MAX_TEXT_BYTES} are read`);
    const bytes = Buffer.alloc(size);
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
