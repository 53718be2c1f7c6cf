/** What a process that waits for a lock has seen so far. */
export interface LockWatch {
  /** The lock's file at the first look: text and time of change. */
  sign: string;
  /** For how long the waiter has looked and seen no change. */
  silentMs: number;
  /** When it looked last, by its own monotonic clock. */
  lookedAtMs: number;
}

export interface WatchLimits {
  /** Milliseconds between two looks. */
  pollMs: number;
  /** A lock that did not change for this long has no owner any more. */
  silentMs: number;
}

/**
 * What one more look at a lock means. Pure.
 * - "alive": the file changed since the first look, so its owner writes it.
 * - "dead": it did not change for `silentMs` of the waiter's own time. No two clocks are compared.
 * - "unknown": look again.
 * A waiter that was stopped itself, with its whole machine perhaps, does not count the time in which it did not look.
 */
export function judgeLook(
  before: LockWatch | null,
  { sign, nowMs }: { sign: string; nowMs: number },
  limits: WatchLimits,
): { verdict: "alive" | "dead" | "unknown"; watch: LockWatch } {
  if (before === null) return { verdict: "unknown", watch: { sign, silentMs: 0, lookedAtMs: nowMs } };
  if (sign !== before.sign) return { verdict: "alive", watch: before };
  const counted = Math.min(Math.max(0, nowMs - before.lookedAtMs), 2 * limits.pollMs);
  const watch = { sign, silentMs: before.silentMs + counted, lookedAtMs: nowMs };
  return { verdict: watch.silentMs >= limits.silentMs ? "dead" : "unknown", watch };
}
