import type { PointTime } from "../../contract/index.js";
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

/** The caller's time, or one reading of the clock for all backends. */
export function timeOf(at: PointTime | undefined, now: () => number): PointTime {
  if (at === undefined || at === null) return { epoch: undefined, wallTime: now() / 1000 };
  return at.wallTime === undefined ? { epoch: at.epoch, wallTime: now() / 1000 } : at;
}
