import type { PointTime } from "../../contract/index.js";
import { messageOf } from "../../support/errors.js";
import { suggest } from "../../support/nearest.js";
import { valueText } from "../../support/value-text.js";

const SECONDS_A_YEAR = 365.25 * 86_400;
const YEARS_AHEAD = 100;
/** Milliseconds since 1970 are far beyond it: TensorBoard's default loader shows nothing after a point of such a time. */
const LATEST = Date.now() / 1000 + YEARS_AHEAD * SECONDS_A_YEAR;

/** True for seconds since 1970 up to 100 years ahead, and where no time is given. NaN and -0 are none. */
export function isWallTime(wallTime: number | undefined): boolean {
  return (
    wallTime === undefined || (typeof wallTime === "number" && wallTime >= 0 && wallTime <= LATEST && !Object.is(wallTime, -0))
  );
}

/** Why `isWallTime` is false. */
export function wallTimeProblem(wallTime: unknown): string {
  const found = `The wall time is ${Object.is(wallTime, -0) ? "-0" : valueText(wallTime)}`;
  if (wallTime instanceof Date) return `${found}, not a number: pass date.getTime() / 1000.`;
  if (typeof wallTime === "number" && wallTime > LATEST && wallTime < Infinity)
    return `${found}, which is more than ${YEARS_AHEAD} years ahead. Seconds since 1970 are meant: pass milliseconds / 1000.`;
  return `${found}; it must be seconds since 1970, such as Date.now() / 1000.`;
}

const KEYS: readonly string[] = ["epoch", "wallTime"] satisfies (keyof PointTime)[];

/**
 * The caller's time, or that of `now` (milliseconds since 1970), read once for all backends; a text that says what is wrong with it. Never
 * throws. The trainer's own calls all have `epoch` alone.
 */
export function timeOf(at: undefined, now: () => number): PointTime;
export function timeOf(at: unknown, now: () => number): PointTime | string;
export function timeOf(at: unknown, now: () => number): PointTime | string {
  if (at === undefined || at === null) return { epoch: undefined, wallTime: now() / 1000 };
  if (typeof at !== "object") return `The time is ${valueText(at)}, not an object such as { epoch: 0 }.`;
  try {
    for (const key in at) if (key !== "epoch" && key !== "wallTime") return keyProblem(key);
    const { epoch, wallTime } = at as PointTime;
    if (epoch !== undefined && !(Number.isSafeInteger(epoch) && epoch >= 0)) return epochProblem(epoch);
    if (wallTime === undefined) return { epoch, wallTime: now() / 1000 };
    return isWallTime(wallTime) ? { epoch, wallTime } : wallTimeProblem(wallTime);
  } catch (error) {
    return `The time could not be read: ${messageOf(error)}.`;
  }
}

function keyProblem(key: string): string {
  return `The time has no key ${valueText(key)}.\n${suggest(key, KEYS)}`;
}

function epochProblem(epoch: unknown): string {
  return `The epoch is ${valueText(epoch)}; it must be an integer from 0.`;
}
