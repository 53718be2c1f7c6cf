import { expect, test } from "vitest";
import { LearningRateScheduleConfig, learningRateAt, parseConfig } from "../../src/index.js";
import { SCHEDULES } from "./schedule.js";

test.each(SCHEDULES)("$name", ({ baseRate, config, rates, digits, ours }) => {
  const schedule = parseConfig(LearningRateScheduleConfig, config);
  const found = rates.map((_, step) => learningRateAt(schedule, baseRate, step));
  const near = (expected: readonly number[], places: number): unknown =>
    expected.map((rate) => expect.closeTo(rate, places) as number);
  if (ours === undefined) expect(found).toEqual(near(rates, digits));
  else {
    expect(found).toEqual(near(ours.rates, 4));
    expect(found).not.toEqual(near(rates, digits)); // else the row need not be an exception
  }
});
