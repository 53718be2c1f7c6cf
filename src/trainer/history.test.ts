import { expect, test } from "vitest";
import { EpochHistory } from "./history.js";

test("the index of a value is its epoch; NaN where a metric had none", () => {
  const history = new EpochHistory();
  history.note({ a: 1, b: 5 });
  history.note({ a: 2 }); // the last of an epoch counts
  history.endEpoch();
  history.note({ late: Infinity });
  history.endEpoch();
  history.note({ a: -0 });
  history.endEpoch();
  expect(history.values()).toEqual({ a: [2, NaN, -0], b: [5, NaN, NaN], late: [NaN, Infinity, NaN] });
});

test("names that JavaScript knows are names like others", () => {
  const history = new EpochHistory();
  history.note(JSON.parse('{ "__proto__": 1, "constructor": 2 }') as Record<string, number>);
  history.endEpoch();
  expect(Object.entries(history.values())).toEqual([
    ["__proto__", [1]],
    ["constructor", [2]],
  ]);
});

test("goes on from a saved state to the bit, in the middle of an epoch too", () => {
  const whole = new EpochHistory();
  let part = new EpochHistory();
  for (let epoch = 0; epoch < 40; epoch++) {
    const values = { always: Math.random(), ...(epoch % 3 === 0 ? { "val/loss": Math.random() } : {}) };
    whole.note(values);
    part.note(values);
    const saved = part.save();
    part = new EpochHistory();
    part.restore(saved, epoch);
    whole.endEpoch();
    part.endEpoch();
  }
  expect(part.values()).toEqual(whole.values());
});

test("an epoch that a stop cuts short is in the result, and not in what is saved", () => {
  const history = new EpochHistory();
  history.note({ "train/loss": 1, "val/loss": 2 });
  history.endEpoch();
  history.note({ "val/loss": 3 });
  history.stopInEpoch({ "train/loss": 0.5 });
  expect(history.values()).toEqual({ "train/loss": [1, 0.5], "val/loss": [2, 3] });
  expect(history.save()).toMatchObject({ epochs: 1, values: { "train/loss": Float64Array.of(1) }, pending: { "val/loss": 3 } });
});

test("holds 10,000 epochs of 50 metrics in 4 MB", () => {
  const history = new EpochHistory();
  const names = Array.from({ length: 50 }, (_, i) => `val/metric_${i}`);
  for (let epoch = 0; epoch < 10_000; epoch++) {
    history.note(Object.fromEntries(names.map((name, i) => [name, epoch + i])));
    expect(history.endEpoch()).toBe(false);
  }
  const saved = Object.values(history.save().values);
  expect(saved.reduce((bytes, { byteLength }) => bytes + byteLength, 0)).toBe(4_000_000);
  expect(history.values()["val/metric_49"]?.at(-1)).toBe(10_048);
});

test("ends where it is full, so that every value that it has is at its epoch, and says so once", () => {
  const history = new EpochHistory(40);
  const values = Object.fromEntries(Array.from({ length: 10 }, (_, i) => [`m${i}`, i]));
  const full = [0, 1, 2, 3, 4, 5].map(() => {
    history.note(values);
    return history.endEpoch();
  });
  expect(full).toEqual([false, false, false, false, true, false]);
  history.stopInEpoch({ m0: 7 });
  expect(history.values()["m0"]).toEqual([0, 0, 0, 0]);
  const resumed = new EpochHistory(40);
  resumed.restore(history.save(), 6);
  expect(resumed.endEpoch()).toBe(false);
  expect(resumed.values()["m3"]).toEqual([3, 3, 3, 3]);
});
