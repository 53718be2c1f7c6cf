/**
 * The `k` best of all candidates so far.
 * - Of equal values the older one ranks first: a candidate that only equals the last of a full table is not kept, and of equally bad ones
 *   the newest is removed first.
 * - A value that is not finite is never ranked.
 */
import type { Mode } from "../contract/index.js";
import { better } from "./direction.js";

/** How many candidates are kept, and which direction is better. */
export interface BestKRule {
  /** Whether lower or higher is better. */
  mode: Mode;
  /** How many are kept; 0 keeps none. */
  k: number;
}

/** One candidate: `id` names what is kept, for example a checkpoint. */
export interface Ranked {
  /** What the value belongs to, unique in the table. */
  readonly id: string;
  /** The value it is ranked by. */
  readonly value: number;
}

/** The candidates that are kept so far, best first; empty at the start. */
export type BestKProgress = readonly Ranked[];

/** What ranking one candidate came to. */
export interface BestKVerdict {
  /** Zero-based rank of the candidate, or null when it is not kept. */
  rank: number | null;
  /** The candidate that was removed for it, or null. */
  evicted: Ranked | null;
  /** The new table, best first. */
  progress: BestKProgress;
}

/** Ranks one more candidate. Pure: `progress` is not changed. */
export function rankBest(rule: BestKRule, progress: BestKProgress, candidate: Ranked): BestKVerdict {
  if (!Number.isFinite(candidate.value)) return { rank: null, evicted: null, progress };
  const worse = progress.findIndex((kept) => better(rule.mode, candidate.value, kept.value));
  const rank = worse === -1 ? progress.length : worse;
  if (rank >= rule.k) return { rank: null, evicted: null, progress };
  const table = progress.toSpliced(rank, 0, candidate);
  const evicted = table.length > rule.k ? (table.pop() ?? null) : null;
  return { rank, evicted, progress: table };
}
