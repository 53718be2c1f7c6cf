/** When a checkpoint is due. Each rule counts from the last checkpoint, or from the start of the run. */
import type { SaveRule } from "../contract/index.js";
import { TrainscopeError } from "../support/errors.js";
import { valueText } from "../support/value-text.js";
import { requireWholeNumber } from "../support/whole-number.js";

/** Due after each step that is a multiple of `count`, or that has passed one. Throws `ERR_CONFIG`. */
export function everyNSteps(count: number): SaveRule {
  requireWholeNumber(count, 1, "everyNSteps(count)", "everyNSteps");
  return {
    name: `every ${count} steps`,
    isDue: (now, last) => Math.floor(now.step / count) > Math.floor((last?.step ?? 0) / count),
  };
}

/** Due at the end of every `count`-th epoch. Throws `ERR_CONFIG`. */
export function everyNEpochs(count: number): SaveRule {
  requireWholeNumber(count, 1, "everyNEpochs(count)", "everyNEpochs");
  return { name: `every ${count} epochs`, isDue: (now) => now.epochEnded && (now.epoch + 1) % count === 0 };
}

/** Due when `minutes` have passed since the last checkpoint, or since `ms` 0 when there is none, so count `ms` from the start of the run. Throws `ERR_CONFIG`. */
export function everyMinutes(minutes: number): SaveRule {
  if (!(minutes > 0)) {
    throw new TrainscopeError("ERR_CONFIG", `everyMinutes(minutes) takes a number above 0; found ${valueText(minutes)}.`, {
      path: "everyMinutes",
    });
  }
  return {
    name: `every ${minutes} minutes`,
    isDue: (now, last) => now.ms - (last?.ms ?? 0) >= minutes * 60_000,
  };
}

/** Due when at least one of `rules` is due. */
export function anyOfSave(...rules: readonly SaveRule[]): SaveRule {
  return {
    name: rules.map(({ name }) => name).join(" or "),
    isDue: (now, last) => rules.some((rule) => rule.isDue(now, last)),
  };
}
