import { expect, test } from "vitest";
import fc from "fast-check";
import { passOrder, permutation, Random, stepSeed } from "./random.js";

test("the generator is xoshiro128**: the reference output for the state 1, 2, 3, 4", () => {
  const random = new Random(0);
  random.loadState(new Uint32Array([1, 2, 3, 4]));
  const drawn = Array.from({ length: 10 }, () => random.uint32());
  expect(drawn).toEqual([11520, 0, 5927040, 70819200, 2031721883, 1637235492, 1287239034, 3734860849, 3729100597, 4258142804]);
});

test("a saved generator continues at its position", () => {
  const random = new Random(7, 3);
  for (let i = 0; i < 13; i++) random.uint32();
  const saved = random.state();
  const rest = Array.from({ length: 20 }, () => random.float());
  const resumed = new Random(99);
  resumed.loadState(saved);
  expect(Array.from({ length: 20 }, () => resumed.float())).toEqual(rest);
});

test.each([null, 3, new Uint32Array(3), [1, 2, 3, 4]])("a state that is not one is refused: %s", (state) => {
  expect(() => new Random(1).loadState(state)).toThrow(expect.objectContaining({ code: "ERR_STATE" }));
});

test("below() gives every integer about as often", () => {
  const random = new Random(5);
  const counts = Array.from({ length: 7 }, () => 0);
  for (let i = 0; i < 70_000; i++) {
    const drawn = random.below(7);
    counts[drawn] = (counts[drawn] ?? 0) + 1;
  }
  for (const count of counts) expect(Math.abs(count - 10_000)).toBeLessThan(500); // five standard deviations
});

test("permutation() holds every index once", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 300 }), fc.maxSafeInteger(), (count, seed) => {
      const order = permutation(count, new Random(seed));
      expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: count }, (_, i) => i));
    }),
  );
});

test("passOrder() is a permutation, the same for the same seed and pass", () => {
  expect([...passOrder(8, 7, 0)]).toEqual([0, 2, 4, 5, 7, 6, 1, 3]);
  expect([...passOrder(8, 7, 1)]).toEqual([3, 4, 7, 1, 5, 2, 6, 0]);
  expect(passOrder(100, 7, 2)).toEqual(passOrder(100, 7, 2));
  expect(passOrder(100, 7, 2)).not.toEqual(passOrder(100, 8, 2));
  expect(passOrder(0, 7, 0)).toHaveLength(0);
});

test("stepSeed is an unsigned 32-bit integer, and the same for the same seed, rank and batch", () => {
  fc.assert(
    fc.property(fc.maxSafeInteger(), fc.nat(1000), fc.nat(), (seed, rank, batch) => {
      const value = stepSeed(seed, rank, batch);
      expect(value).toBe(stepSeed(seed, rank, batch));
      expect(Number.isInteger(value) && value >= 0 && value < 2 ** 32).toBe(true);
    }),
  );
});

test("stepSeed differs from batch to batch, rank to rank, seed to seed, also past 32 bits", () => {
  const seeds = new Set<number>();
  for (const seed of [0, 1, 2 ** 32, 2 ** 32 + 1, -1]) {
    for (let rank = 0; rank < 4; rank++) for (let batch = 0; batch < 500; batch++) seeds.add(stepSeed(seed, rank, batch));
  }
  expect(seeds.size).toBeGreaterThan(10_000 - 5); // a chance collision among 10,000 is about 1 in 86
});
