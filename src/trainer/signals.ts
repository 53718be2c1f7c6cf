/** The signals that interrupt a run. */
const SIGNALS: readonly NodeJS.Signals[] = ["SIGINT", "SIGTERM", "SIGHUP"];

type Watcher = (signal: NodeJS.Signals) => void;

/** The running fits of this process: they share one listener for each signal, however many they are. */
const watchers = new Set<Watcher>();
/** The signals that are listened to. */
let watched: readonly NodeJS.Signals[] = [];

function notifyWatchers(signal: NodeJS.Signals): void {
  for (const watcher of watchers) watcher(signal);
}

/**
 * Calls `watcher` at every SIGINT, SIGTERM and SIGHUP until `unwatchSignals`. A program that listens to SIGHUP itself means something
 * else by it, such as to read its settings again: then it is not watched.
 */
export function watchSignals(watcher: Watcher): void {
  if (watchers.size === 0) {
    watched = SIGNALS.filter((signal) => signal !== "SIGHUP" || process.listenerCount(signal) === 0);
    for (const signal of watched) process.on(signal, notifyWatchers);
  }
  watchers.add(watcher);
}

/** Removes `watcher`; with the last one, the listeners of the process are removed. */
export function unwatchSignals(watcher: Watcher): void {
  if (!watchers.delete(watcher) || watchers.size > 0) return;
  for (const signal of watched) process.off(signal, notifyWatchers);
  watched = [];
}
