import { expect, test } from "vitest";
import { PLATEAU_START, ReduceLROnPlateauConfig, judgePlateau, parseConfig, reducedRate } from "../../src/index.js";
import { PLATEAUS, type PlateauRow } from "./plateau.js";

/** The rate after each value by our rule. */
function rates({ startRate, rule: { patience, ...config }, values }: PlateauRow): number[] {
  const rule = { ...parseConfig(ReduceLROnPlateauConfig, { mode: "min", minDelta: 0, ...config }), patience: patience ?? 10 };
  let progress = PLATEAU_START;
  let rate = startRate;
  return values.map((value) => {
    const verdict = judgePlateau(rule, progress, value);
    progress = verdict.progress;
    if (verdict.reduce) rate = reducedRate(rule, rate);
    return rate;
  });
}

test.each(PLATEAUS)("$peer: $name", (row) => {
  const found = rates(row);
  const near = (expected: readonly number[]): unknown => expected.map((rate) => expect.closeTo(rate, 12) as number);
  expect(found).toEqual(near((row.ours ?? row).rates));
  if (row.ours !== undefined) expect(found).not.toEqual(near(row.rates)); // else the row need not be an exception
});
