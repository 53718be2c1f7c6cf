/**
 * The `k` best of what has come by.
 * - Of equal values the older ranks first: a newcomer that only equals the last of a full table does not enter, and among
 *   equally bad ones the newest leaves first.
 * - A value that is not finite is never ranked.
 */
import type { Mode } from "../contract/index.js";
import { better } from "./direction.js";

export interface BestKRule {
  mode: Mode;
  /** How many are kept; 0 keeps none. */
  k: number;
}

/** One candidate: `id` names what is kept, for example a checkpoint. */
export type Ranked = { readonly id: string; readonly value: number };

/** The table, best first. */
export type BestKProgress = readonly Ranked[];

export interface BestKVerdict {
  /** Zero-based place of the newcomer, or null when it is not kept. */
  rank: number | null;
  /** Who had to leave for it. */
  evicted: Ranked | null;
  progress: BestKProgress;
}

/** Ranks one more candidate. Pure. */
export function rankBest(rule: BestKRule, progress: BestKProgress, candidate: Ranked): BestKVerdict {
  if (!Number.isFinite(candidate.value)) return { rank: null, evicted: null, progress };
  const worse = progress.findIndex((kept) => better(rule.mode, candidate.value, kept.value));
  const rank = worse === -1 ? progress.length : worse;
  if (rank >= rule.k) return { rank: null, evicted: null, progress };
  const table = progress.toSpliced(rank, 0, candidate);
  const evicted = table.length > rule.k ? (table.pop() ?? null) : null;
  return { rank, evicted, progress: table };
}
