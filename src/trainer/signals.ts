/** The signals that interrupt a run. */
const SIGNALS: readonly NodeJS.Signals[] = ["SIGINT", "SIGTERM"];

type Watcher = (signal: NodeJS.Signals) => void;

/** The running fits of this process: they share one listener for each signal, however many they are. */
const watchers = new Set<Watcher>();

function notifyWatchers(signal: NodeJS.Signals): void {
  for (const watcher of watchers) watcher(signal);
}

/** Calls `watcher` at every SIGINT and SIGTERM until `unwatchSignals`. */
export function watchSignals(watcher: Watcher): void {
  if (watchers.size === 0) for (const signal of SIGNALS) process.on(signal, notifyWatchers);
  watchers.add(watcher);
}

/** Removes `watcher`; with the last one, the listeners of the process are removed. */
export function unwatchSignals(watcher: Watcher): void {
  if (!watchers.delete(watcher) || watchers.size > 0) return;
  for (const signal of SIGNALS) process.off(signal, notifyWatchers);
}
