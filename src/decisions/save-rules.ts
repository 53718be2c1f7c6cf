/** When a checkpoint is due. Each rule counts from the last checkpoint, or from the start of the run. */
import type { SaveRule } from "../contract/index.js";
import { TrainscopeError } from "../support/errors.js";

type Now = Parameters<SaveRule["isDue"]>[0];
type Last = Parameters<SaveRule["isDue"]>[1];

/** Due after the steps that are multiples of `count`, and after one that passed such a step. */
export function everyNSteps(count: number): SaveRule {
  checkCount(count, "everyNSteps");
  return {
    name: `every ${count} steps`,
    isDue: (now, last) => Math.floor(now.step / count) > Math.floor((last?.step ?? 0) / count),
  };
}

/** Due at the end of every `count`-th epoch. */
export function everyNEpochs(count: number): SaveRule {
  checkCount(count, "everyNEpochs");
  return { name: `every ${count} epochs`, isDue: (now) => now.epochEnded && (now.epoch + 1) % count === 0 };
}

/** Due when `minutes` have passed since the last checkpoint, or since `ms` 0 when there is none: count `ms` from the start of the run. */
export function everyMinutes(minutes: number): SaveRule {
  if (!(minutes > 0)) {
    throw new TrainscopeError("ERR_CONFIG", `Found ${minutes}; everyMinutes takes more than 0.`, { path: "everyMinutes" });
  }
  return {
    name: `every ${minutes} minutes`,
    isDue: (now, last) => now.ms - (last?.ms ?? 0) >= minutes * 60_000,
  };
}

/** Due when one of `rules` is. */
export function anyOfSave(...rules: readonly SaveRule[]): SaveRule {
  return {
    name: rules.map(({ name }) => name).join(" or "),
    isDue: (now: Now, last: Last) => rules.some((rule) => rule.isDue(now, last)),
  };
}

function checkCount(count: number, name: string): void {
  if (Number.isSafeInteger(count) && count >= 1) return;
  throw new TrainscopeError("ERR_CONFIG", `Found ${count}; ${name} takes a whole number, at least 1.`, { path: name });
}
