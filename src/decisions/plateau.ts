/**
 * When to cut the learning rate.
 * - A cut is due when bad checks ≥ `patience` (Keras; torch waits for one more).
 * - The `cooldown` checks after a cut do not count as bad; one that improves still sets the best (torch).
 * - The mark moves only when it is beaten by more than `minDelta`. The first finite value sets it; a value that is not
 *   finite is a bad check and never sets it.
 */
import type { Mode, ReduceLROnPlateauConfig } from "../contract/index.js";
import { TrainscopeError } from "../support/errors.js";
import { better, modeFor } from "./direction.js";

export interface PlateauRule {
  mode: Mode;
  /** 0 < factor < 1. */
  factor: number;
  patience: number;
  minDelta: number;
  cooldown: number;
  minLr: number;
}

export type PlateauProgress = { readonly best: number | null; readonly badChecks: number; readonly cooldownLeft: number };

export interface PlateauVerdict {
  reduce: boolean;
  improved: boolean;
  progress: PlateauProgress;
}

export const PLATEAU_START: PlateauProgress = { best: null, badChecks: 0, cooldownLeft: 0 };

/** The rule that a config stands for. Throws `ERR_CONFIG` or `ERR_MODE_REQUIRED`, naming the key under `path`. */
export function plateauRule(config: ReduceLROnPlateauConfig = {}, path = "reduceLROnPlateauConfig"): PlateauRule {
  const rule: PlateauRule = {
    mode: modeFor(config.monitor ?? "val/loss", config.mode, `${path}.mode`),
    factor: config.factor ?? 0.1,
    patience: config.patience ?? 10,
    minDelta: config.minDelta ?? 1e-4,
    cooldown: config.cooldown ?? 0,
    minLr: config.minLr ?? 0,
  };
  if (!(rule.factor > 0 && rule.factor < 1)) refuse(`${path}.factor`, rule.factor, "more than 0 and less than 1");
  if (!Number.isInteger(rule.patience) || rule.patience < 1)
    refuse(`${path}.patience`, rule.patience, "a whole number of checks, at least 1");
  if (!(rule.minDelta >= 0 && rule.minDelta < Infinity)) refuse(`${path}.minDelta`, rule.minDelta, "a number, at least 0");
  if (!Number.isInteger(rule.cooldown) || rule.cooldown < 0)
    refuse(`${path}.cooldown`, rule.cooldown, "a whole number of checks, at least 0");
  if (!(rule.minLr >= 0)) refuse(`${path}.minLr`, rule.minLr, "a number, at least 0");
  return rule;
}

/** What one more value means. Pure. */
export function judgePlateau(
  rule: Pick<PlateauRule, "mode" | "patience" | "minDelta"> & { cooldown?: number | undefined },
  progress: PlateauProgress,
  value: number,
): PlateauVerdict {
  const { best } = progress;
  const mark = best === null ? null : rule.mode === "min" ? best - rule.minDelta : best + rule.minDelta;
  const improved = Number.isFinite(value) && (mark === null || better(rule.mode, value, mark));
  const cooling = progress.cooldownLeft > 0;
  const badChecks = improved || cooling ? 0 : progress.badChecks + 1;
  const reduce = badChecks >= rule.patience;
  const cooldownLeft = reduce ? (rule.cooldown ?? 0) : Math.max(0, progress.cooldownLeft - 1);
  return { reduce, improved, progress: { best: improved ? value : best, badChecks: reduce ? 0 : badChecks, cooldownLeft } };
}

/** The rate after a cut: `rate × factor`, at least `minLr`, and never more than it was. */
export function reducedRate(rule: Pick<PlateauRule, "factor" | "minLr">, rate: number): number {
  return Math.min(rate, Math.max(rate * rule.factor, rule.minLr));
}

function refuse(path: string, found: unknown, allowed: string): never {
  throw new TrainscopeError("ERR_CONFIG", `Found ${String(found)}; allowed: ${allowed}.`, { path });
}
