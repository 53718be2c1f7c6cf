import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { EarlyStoppingConfig, parseConfig } from "../config/index.js";
import { EARLY_STOP_START, judgeEarlyStopping } from "./early-stopping.js";
import type { EarlyStopVerdict } from "./early-stopping.js";

/** Every verdict over a sequence, one value an epoch; the run goes on also after a stop that was not kept. */
function verdicts(config: EarlyStoppingConfig, values: readonly number[]): EarlyStopVerdict[] {
  const rule = parseConfig(EarlyStoppingConfig, { mode: "min", ...config });
  let progress = EARLY_STOP_START;
  return values.map((value, epoch) => {
    const verdict = judgeEarlyStopping(rule, progress, value, { step: epoch * 10, epoch });
    progress = verdict.progress;
    return verdict;
  });
}

const CREEP = [1, 0.95, 0.9, 0.85, 0.8, 0.75, 0.7];

interface Row {
  name: string;
  config: EarlyStoppingConfig;
  values: number[];
  /** Index and kind of the first stop. */
  stops: [number, string] | null;
}

const ROWS: Row[] = [
  { name: "the first value never counts", config: { patience: 1 }, values: [5], stops: null },
  {
    name: "patience 1 stops at the first check without improvement",
    config: { patience: 1 },
    values: [5, 5],
    stops: [1, "patience"],
  },
  { name: "patience counts checks in a row", config: { patience: 2 }, values: [5, 6, 4, 6, 3, 6, 6], stops: [6, "patience"] },
  { name: "a tie is no improvement", config: { patience: 2 }, values: [5, 5, 5], stops: [2, "patience"] },
  {
    name: "exactly minDelta is no improvement",
    config: { patience: 1, minDelta: 0.5 },
    values: [2, 1.5],
    stops: [1, "patience"],
  },
  {
    name: "a share of the best value: exactly that much is no improvement",
    config: { patience: 1, minDelta: { relative: 0.25 } },
    values: [4, 3],
    stops: [1, "patience"],
  },
  { name: "and more is one", config: { patience: 1, minDelta: { relative: 0.25 } }, values: [4, 2.9, 2], stops: null },
  {
    name: "a share of a negative best value is on its better side",
    config: { patience: 1, minDelta: { relative: 0.1 } },
    values: [-1, -1.2, -1.3],
    stops: [2, "patience"],
  },
  {
    name: "and for max, where a smaller loss of a negative score is a gain",
    config: { mode: "max", patience: 1, minDelta: { relative: 0.1 } },
    values: [-1, -0.8, -0.75],
    stops: [2, "patience"],
  },
  { name: "a share of 0 is any gain", config: { patience: 1, minDelta: { relative: 0 } }, values: [1, 0.999], stops: null },
  { name: "any gain on 0 is one", config: { patience: 1, minDelta: { relative: 0.5 } }, values: [0, -1e-9], stops: null },
  { name: "more than minDelta is one", config: { patience: 1, minDelta: 0.5 }, values: [2, 1.25], stops: null },
  {
    name: "creep inside minDelta never stops a run that still gains",
    config: { patience: 3, minDelta: 0.1 },
    values: CREEP,
    stops: null,
  },
  {
    name: "creep slower than patience times minDelta stops",
    config: { patience: 3, minDelta: 0.2 },
    values: CREEP,
    stops: [3, "patience"],
  },
  { name: "a first NaN with checkFinite", config: { patience: 2 }, values: [NaN, 0.5], stops: [0, "nonFinite"] },
  {
    name: "a first NaN counted as bad lets a run that improves go on",
    config: { patience: 2, checkFinite: false },
    values: [NaN, 0.5, 0.4, 0.3],
    stops: null,
  },
  {
    name: "NaN all along counts as bad",
    config: { patience: 2, checkFinite: false },
    values: Array<number>(20).fill(NaN),
    stops: [1, "patience"],
  },
  { name: "NaN later stops with its reason", config: { patience: 9 }, values: [1, 0.5, NaN], stops: [2, "nonFinite"] },
  { name: "+Infinity is not finite", config: { patience: 9 }, values: [1, Infinity], stops: [1, "nonFinite"] },
  {
    name: "-Infinity is no best in min mode",
    config: { patience: 2, checkFinite: false },
    values: [1, -Infinity, 0.9, 0.8],
    stops: null,
  },
  {
    name: "-Infinity does not reach a threshold",
    config: { patience: 2, checkFinite: false, stoppingThreshold: 0 },
    values: [1, -Infinity, 0.9],
    stops: null,
  },
  { name: "NaN goes before a threshold", config: { patience: 9, stoppingThreshold: 1 }, values: [NaN], stops: [0, "nonFinite"] },
  { name: "zero is a value", config: { patience: 2 }, values: [1, 0, 0.1, 0.1], stops: [3, "patience"] },
  { name: "negative metrics that get better go on", config: { patience: 1 }, values: [-10, -11, -12.5], stops: null },
  {
    name: "negative metrics that get worse stop",
    config: { patience: 2, mode: "max", minDelta: 0.1 },
    values: [-10, -11, -12, -13.5],
    stops: [2, "patience"],
  },
  { name: "negative metrics and max", config: { patience: 1, mode: "max" }, values: [-10, -9, -8], stops: null },
  {
    name: "from below zero to above it",
    config: { patience: 1, minDelta: 0.5, mode: "max" },
    values: [-0.4, 0.2, 0.8],
    stops: null,
  },
  {
    name: "a value equal to stoppingThreshold stops",
    config: { patience: 9, stoppingThreshold: 0.5 },
    values: [1, 0.5],
    stops: [1, "threshold"],
  },
  {
    name: "max: a value equal to stoppingThreshold stops",
    config: { patience: 9, mode: "max", stoppingThreshold: 0.97 },
    values: [0.5, 0.97],
    stops: [1, "threshold"],
  },
  { name: "a first value may reach it", config: { patience: 9, stoppingThreshold: 2 }, values: [1], stops: [0, "threshold"] },
  {
    name: "a value equal to divergenceThreshold stops",
    config: { patience: 9, divergenceThreshold: 10 },
    values: [1, 10],
    stops: [1, "divergence"],
  },
  {
    name: "max: divergence is downwards",
    config: { patience: 9, mode: "max", divergenceThreshold: 0.1 },
    values: [0.5, 0.1],
    stops: [1, "divergence"],
  },
  {
    name: "divergence goes before patience",
    config: { patience: 1, divergenceThreshold: 10 },
    values: [1, 11],
    stops: [1, "divergence"],
  },
  {
    name: "a threshold of zero is a threshold",
    config: { patience: 9, stoppingThreshold: 0 },
    values: [1, 0],
    stops: [1, "threshold"],
  },
  {
    name: "values before startFromEpoch set no best and count nothing",
    config: { patience: 1, startFromEpoch: 3 },
    values: [0.1, 5, 5, 4, 3, 3],
    stops: [5, "patience"],
  },
  {
    name: "values before startFromEpoch stop nothing",
    config: { startFromEpoch: 2, stoppingThreshold: 1 },
    values: [0.5, NaN, 3],
    stops: null,
  },
];

describe("judgeEarlyStopping", () => {
  test.each(ROWS)("$name", ({ config, values, stops }) => {
    const all = verdicts(config, values);
    const first = all.findIndex(({ stop }) => stop);
    expect(first === -1 ? null : [first, all[first]?.kind]).toEqual(stops);
  });

  test("a stop that was not kept is asked at each check while it stands, and not after an improvement", () => {
    expect(verdicts({ patience: 2 }, [1, 2, 2, 2, 0.5, 2, 2]).map(({ stop }) => stop)).toEqual([
      false,
      false,
      true,
      true,
      false,
      false,
      true,
    ]);
  });

  test("the qualified best and the true best are two", () => {
    const last = verdicts({ patience: 9, minDelta: 0.5 }, [1, 0.8, 0.9, 0.8]).at(-1);
    expect(last?.progress).toEqual({ best: 1, badChecks: 3, trueBest: { value: 0.8, step: 10, epoch: 1 } });
  });

  test("newBest marks the moments to keep weights: the first of equal values", () => {
    expect(verdicts({ patience: 9, minDelta: 0.5 }, [1, 0.8, 0.8, 0.7]).map(({ newBest }) => newBest)).toEqual([
      true,
      true,
      false,
      true,
    ]);
  });

  test("NaN moves no best", () => {
    const last = verdicts({ patience: 9, checkFinite: false }, [1, NaN, Infinity, -Infinity]).at(-1);
    expect(last?.progress).toEqual({ best: 1, badChecks: 3, trueBest: { value: 1, step: 0, epoch: 0 } });
  });

  test("the best holds the value that reached a threshold", () => {
    expect(verdicts({ patience: 9, stoppingThreshold: 0.5 }, [1, 0.4]).at(-1)?.progress.best).toBe(0.4);
  });

  test("the progress given is not changed", () => {
    const progress = Object.freeze({ ...EARLY_STOP_START });
    judgeEarlyStopping(parseConfig(EarlyStoppingConfig, {}), progress, 1);
    expect(progress).toEqual({ best: null, badChecks: 0, trueBest: null });
  });

  test.each([
    {
      config: { patience: 2, minDelta: 0.01 },
      values: [0.123, 1, 1],
      reason: "val/loss has not improved by more than 0.01 for 2 checks; best 0.123 in epoch 1",
    },
    {
      config: { patience: 1, checkFinite: false },
      values: [NaN],
      reason: "val/loss has not improved by more than 0 for 1 check; no finite value so far",
    },
    { config: {}, values: [-Infinity], reason: "val/loss is -Infinity" },
    { config: { stoppingThreshold: 1 }, values: [0.5], reason: "val/loss is 0.5, at or below stoppingThreshold 1" },
    { config: { divergenceThreshold: 1 }, values: [5], reason: "val/loss is 5, at or above divergenceThreshold 1" },
  ])("says: $reason", ({ config, values, reason }) => {
    expect(verdicts(config, values).at(-1)?.reason).toBe(reason);
  });
});

describe("for any sequence", () => {
  const values = fc.array(
    fc.oneof(fc.double({ min: -10, max: 10, noNaN: true }), fc.constantFrom(NaN, Infinity, -Infinity, 0, -0)),
    { maxLength: 40 },
  );
  const patience = fc.integer({ min: 1, max: 5 });
  const minDelta = fc.double({ min: 0, max: 2, noNaN: true });

  test("the true best is the first of the best finite values", () => {
    fc.assert(
      fc.property(values, minDelta, (sequence, delta) => {
        const lowest = Math.min(...sequence.filter(Number.isFinite));
        const best = verdicts({ patience: 99, minDelta: delta, checkFinite: false }, sequence).at(-1)?.progress.trueBest ?? null;
        expect(best?.epoch ?? null).toBe(sequence.some(Number.isFinite) ? sequence.indexOf(lowest) : null);
      }),
    );
  });

  test("min of a sequence and max of its mirror image decide alike", () => {
    fc.assert(
      fc.property(values, patience, minDelta, (sequence, checks, delta) => {
        const config = { patience: checks, minDelta: delta, checkFinite: false };
        const mirrored = verdicts(
          { ...config, mode: "max" },
          sequence.map((value) => -value),
        );
        expect(mirrored.map(({ stop, newBest }) => [stop, newBest])).toEqual(
          verdicts(config, sequence).map(({ stop, newBest }) => [stop, newBest]),
        );
      }),
    );
  });

  test("it stops exactly when the last `patience` checks brought nothing", () => {
    fc.assert(
      fc.property(values, patience, minDelta, (sequence, checks, delta) => {
        const all = verdicts({ patience: checks, minDelta: delta, checkFinite: false }, sequence);
        all.forEach(({ stop }, i) => {
          const recent = all.slice(Math.max(0, i - checks + 1), i + 1);
          expect(stop).toBe(recent.length === checks && recent.every(({ improved }) => !improved));
        });
      }),
    );
  });
});

test("the reason says what was asked for", () => {
  const reason = (config: EarlyStoppingConfig, values: readonly number[]): string | null | undefined =>
    verdicts({ patience: 1, ...config }, values).at(-1)?.reason;
  expect(reason({ minDelta: { relative: 0.015 } }, [1, 0.99])).toMatch(/has not improved by more than 1\.5 % of the best value/);
  expect(reason({ baseline: 0.5 }, [0.9, 0.9])).toMatch(/has not been better than the baseline 0\.5 for 2 checks/);
  expect(reason({ baseline: 0.5 }, [0.4, 0.4])).toMatch(/has not improved by more than 0 for 1 check/);
});
