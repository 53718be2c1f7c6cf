import { Worker, type ResourceLimits, type Transferable } from "node:worker_threads";

export interface ThreadOptions {
  /** Shown by debuggers and in crash reports. */
  name: string;
  workerData?: unknown;
  transferList?: readonly Transferable[] | undefined;
  resourceLimits?: ResourceLimits | undefined;
}

/**
 * The address of a thread's module: `entry` (`"./worker.js"`) beside `moduleUrl`. When this package runs from its TypeScript
 * sources, in its own tests and benchmarks, that is a module which loads the `.ts` file.
 */
export function threadEntry(moduleUrl: string, entry: `./${string}.js`): URL {
  if (!moduleUrl.endsWith(".ts")) return new URL(entry, moduleUrl);
  const source = new URL("./worker-source.mjs", import.meta.url);
  source.searchParams.set("entry", new URL(entry.replace(/\.js$/, ".ts"), moduleUrl).href);
  return source;
}

/** Starts a thread without the flags of the process (`--input-type`, a debugger's), which are not meant for it. */
export function startThread(entry: URL, { name, workerData, transferList = [], resourceLimits }: ThreadOptions): Worker {
  const source = entry.searchParams.get("entry");
  return new Worker(entry, {
    execArgv: [],
    argv: source === null ? [] : [source], // a module cannot read the query of its address
    name,
    workerData,
    transferList: [...transferList],
    ...(resourceLimits === undefined ? {} : { resourceLimits }),
  });
}
