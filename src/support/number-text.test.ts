import { expect, test } from "vitest";
import { durationText, numberText, rateText } from "./number-text.js";

test.each([
  [0, "0"],
  [-0, "0"],
  [1, "1"],
  [50_000, "50000"],
  [0.123456, "0.1235"],
  [-2.5, "-2.5"],
  [123.456, "123.5"],
  [0.00099, "9.9e-4"],
  [1e-7, "1e-7"],
  [1234567, "1.235e6"],
  [NaN, "NaN"],
  [Infinity, "inf"],
  [-Infinity, "-inf"],
])("the number %s is %s", (value, text) => expect(numberText(value)).toBe(text));

test.each([
  [0.25, "0.25"],
  [8.126, "8.13"],
  [812.4, "812"],
  [999.6, "1.0k"],
  [5231, "5.2k"],
  [999_949, "999.9k"],
  [999_951, "1.0M"],
  [1.26e9, "1.3G"],
  [NaN, "NaN"],
])("the rate %s is %s", (value, text) => expect(rateText(value)).toBe(text));

test.each([
  [0.0000004, "0 µs"],
  [0.00034, "340 µs"],
  [0.0123, "12.3 ms"],
  [0.9996, "1 s"],
  [1.404, "1.4 s"],
  [59.96, "1m 0s"],
  [192, "3m 12s"],
  [7500, "2h 5m"],
  [7199, "2h 0m"],
  [Infinity, "inf"],
])("the duration of %s seconds is %s", (seconds, text) => expect(durationText(seconds)).toBe(text));
