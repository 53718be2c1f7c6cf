/** The signals that interrupt a run. */
const SIGNALS: readonly NodeJS.Signals[] = ["SIGINT", "SIGTERM"];

type Watcher = (signal: NodeJS.Signals) => void;

/** Runs that are under way in this process: they share one listener a signal, however many they are. */
const watchers = new Set<Watcher>();

function tell(signal: NodeJS.Signals): void {
  for (const watcher of watchers) watcher(signal);
}

/** Calls `watcher` at every SIGINT and SIGTERM until `unwatchSignals`. */
export function watchSignals(watcher: Watcher): void {
  if (watchers.size === 0) for (const signal of SIGNALS) process.on(signal, tell);
  watchers.add(watcher);
}

/** Takes it away; with the last one, our listeners go. */
export function unwatchSignals(watcher: Watcher): void {
  if (!watchers.delete(watcher) || watchers.size > 0) return;
  for (const signal of SIGNALS) process.off(signal, tell);
}
