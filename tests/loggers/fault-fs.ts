/** A file system for the training log whose calls fail where a test says so: every other call is the real one. */
import { nodeFs, type LogFs } from "../../src/loggers/training-log/files.js";

export interface Faults {
  /** Bytes that still fit; a write writes what fits and returns a short count, the next one throws ENOSPC. */
  room: number;
  /** Thrown by every write. */
  write: Error | null;
  /** Thrown by every open. */
  open: Error | null;
}

export function ioError(code: string): Error {
  return Object.assign(new Error(`${code}: injected`), { code });
}

export function faultFs(): { fs: LogFs; faults: Faults } {
  const faults: Faults = { room: Infinity, write: null, open: null };
  const fs: LogFs = {
    ...nodeFs,
    openSync(path, flags, mode) {
      if (faults.open !== null) throw faults.open;
      return nodeFs.openSync(path, flags, mode);
    },
    writeSync(fd, buffer, offset, length) {
      if (faults.write !== null) throw faults.write;
      if (faults.room <= 0) throw ioError("ENOSPC");
      const written = nodeFs.writeSync(fd, buffer, offset, Math.min(length, faults.room));
      faults.room -= written;
      return written;
    },
  };
  return { fs, faults };
}
