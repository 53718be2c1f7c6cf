/**
 * Test doubles for checkpoints: a writer on this thread, file systems that fail, threads that die at a point of the protocol.
 * Use them as `new CheckpointManager({ dir }, { writer })`.
 */
import type { CommitPoint } from "../../src/checkpoint/disk/commit-point.js";
import { nodeFiles, type CheckpointFiles, type OpenFile } from "../../src/checkpoint/disk/files.js";
import { perform } from "../../src/checkpoint/thread/serve.js";
import { ThreadWriter, type Writer } from "../../src/checkpoint/thread/writer.js";

export type { Writer } from "../../src/checkpoint/thread/writer.js";

/** Commits on this thread, with `files`. */
export function localWriter(files: CheckpointFiles = nodeFiles, onPoint?: (point: CommitPoint) => void): Writer {
  return {
    write: (plan, onCommitted) => perform(files, plan, { onCommitted, onPoint }),
    close: () => Promise.resolve(),
  };
}

/** A writer whose thread ends the `nth` time it reaches `point`; the process lives. */
export function dyingWriter(point: CommitPoint, nth = 1): Writer {
  return new ThreadWriter({ url: new URL("./checkpoint-dying-worker.mjs", import.meta.url), workerData: { point, nth } });
}

export interface FaultyFiles {
  files: CheckpointFiles;
  /** The names of the operations so far, with the last part of their path. */
  readonly done: string[];
}

/** How an operation fails. `short`: a write writes one byte and then no more, as on a full disk. */
export type FaultKind = "EIO" | "ENOSPC" | "short";

/** The real file system; its `failAt`-th operation (from 0) fails, and with `lasting` every one after it. */
export function faultyFiles(failAt: number, kind: FaultKind, lasting = false): FaultyFiles {
  const done: string[] = [];
  let full = false;
  const failing = (operation: string): boolean => {
    done.push(operation);
    const at = done.length - 1;
    return at === failAt || (lasting && at > failAt);
  };
  const guarded = async <T>(operation: string, act: () => Promise<T>): Promise<T> => {
    if (failing(operation)) throw injected(kind === "EIO" ? "EIO" : "ENOSPC", operation);
    return act();
  };
  const guardedFile = (file: OpenFile, name: string): OpenFile => ({
    async write(bytes, position) {
      if (full) throw injected("ENOSPC", `write ${name}`);
      if (!failing(`write ${name}`)) return file.write(bytes, position);
      if (kind !== "short") throw injected(kind, `write ${name}`);
      full = true;
      return file.write(bytes.subarray(0, 1), position);
    },
    read: (bytes, position) => guarded(`read ${name}`, () => file.read(bytes, position)),
    size: () => guarded(`stat ${name}`, () => file.size()),
    sync: () => guarded(`sync ${name}`, () => file.sync()),
    async close() {
      await file.close(); // the descriptor is closed also when close reports an error
      await guarded(`close ${name}`, () => Promise.resolve());
    },
  });
  const last = (path: string): string => path.split(/[/\\]/).at(-1) ?? path;
  const files: CheckpointFiles = {
    makeDirectory: (path) => guarded(`mkdir ${last(path)}`, () => nodeFiles.makeDirectory(path)),
    makeDirectories: (path) => guarded(`mkdirs ${last(path)}`, () => nodeFiles.makeDirectories(path)),
    create: (path) => guarded(`create ${last(path)}`, async () => guardedFile(await nodeFiles.create(path), last(path))),
    openToRead: (path) => guarded(`open ${last(path)}`, async () => guardedFile(await nodeFiles.openToRead(path), last(path))),
    isLink: (path) => guarded(`stat ${last(path)}`, () => nodeFiles.isLink(path)),
    rename: (from, to) => guarded(`rename ${last(from)} ${last(to)}`, () => nodeFiles.rename(from, to)),
    unlink: (path) => guarded(`unlink ${last(path)}`, () => nodeFiles.unlink(path)),
    removeDirectory: (path) => guarded(`rmdir ${last(path)}`, () => nodeFiles.removeDirectory(path)),
    list: (path) => guarded(`list ${last(path)}`, () => nodeFiles.list(path)),
    syncDirectory: (path) => guarded(`sync ${last(path)}`, () => nodeFiles.syncDirectory(path)),
  };
  return { files, done };
}

function injected(code: string, operation: string): Error {
  return Object.assign(new Error(`${code}: injected, ${operation}`), { code });
}
