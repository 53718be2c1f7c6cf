/** Learning rates after each check of other plateau rules, as data. */
import type { ReduceLROnPlateauConfig } from "../../src/index.js";

/** One sequence of a peer, and the rule of ours that stands for its settings. */
export interface PlateauRow {
  name: string;
  /** The project, its version or commit, and its test or class with the arguments. */
  source: string;
  startRate: number;
  /** `mode` is "min" and `minDelta` 0 where they are left out. Torch's patience is one less than ours. */
  rule: ReduceLROnPlateauConfig;
  values: readonly number[];
  /** The learning rate after each value. */
  rates: readonly number[];
  /** Where ours differs on purpose: our rates, and why. */
  ours?: { rates: readonly number[]; because: string };
}

const TORCH_TEST = "pytorch/pytorch@01f9ef32eae5 test/optim/test_lrscheduler.py";
const TORCH = 'computed with torch 2.15.0 ReduceLROnPlateau(factor=0.5, threshold_mode="abs")';
const TORCH_REL = 'computed with torch 2.15.0 ReduceLROnPlateau(factor=0.5, threshold_mode="rel")';
const KERAS_TEST = "keras-team/keras@1cbb88bc30c2 keras/src/callbacks/reduce_lr_on_plateau_test.py";
const KERAS = "computed with keras 3.15.1 ReduceLROnPlateau(factor=0.5)";

const COOLDOWN = "as in torch, cooldown checks are all left out; Keras counts the last of them";
const FINITE = "in ours an infinity is never the best value, so that a good value after it counts";
const NEGATIVE = "theirs multiplies a negative best value by 1 - share, so that a value that got worse may count as a gain";

const of = (value: number, count: number): number[] => Array<number>(count).fill(value);
const series = (count: number, at: (i: number) => number): number[] => Array.from({ length: count }, (_, i) => at(i));

/** Gains of as much as `minDelta`, which are none. */
const thresholdExactly = (source: string, patience: number): PlateauRow => ({
  name: "gains of the threshold exactly",
  source,
  startRate: 0.5,
  rule: { minDelta: 0.5, patience, factor: 0.5 },
  values: [2, 1.5, 1, 0.5],
  rates: [0.5, 0.25, 0.25, 0.125],
});

const TORCH_ROWS: readonly PlateauRow[] = [
  {
    name: "gains above the threshold",
    source: `${TORCH_TEST} test_reduce_lr_on_plateau1: threshold=0.01, patience=5, cooldown=5`,
    startRate: 0.5,
    rule: { minDelta: 0.01, patience: 6, cooldown: 5 },
    values: series(20, (i) => 10 - i * 0.0167),
    rates: of(0.5, 20),
  },
  {
    name: "gains that reach the threshold after 7 checks",
    source: `${TORCH_TEST} test_reduce_lr_on_plateau2: threshold=0.1, patience=5`,
    startRate: 0.5,
    rule: { minDelta: 0.1, patience: 6 },
    values: series(22, (i) => 10 - i * 0.0165),
    rates: [...of(0.5, 6), ...of(0.05, 7), ...of(0.005, 7), ...of(0.0005, 2)],
  },
  {
    name: "negative values, max, with cooldown",
    source: `${TORCH_TEST} test_reduce_lr_on_plateau3: mode="max", patience=5, cooldown=5`,
    startRate: 0.5,
    rule: { mode: "max", minDelta: 0.0001, patience: 6, cooldown: 5 },
    values: [...of(-0.8, 2), ...of(-0.234, 20)],
    rates: [...of(0.5, 2 + 6), ...of(0.05, 5 + 6), ...of(0.005, 3)],
  },
  {
    name: "relative gains above a relative threshold",
    source: `${TORCH_TEST} test_reduce_lr_on_plateau4: mode="max", threshold_mode="rel", threshold=0.1, patience=3`,
    startRate: 0.5,
    rule: { mode: "max", minDelta: { relative: 0.1 }, patience: 4 },
    values: series(20, (i) => 1.5 * 1.025 ** i),
    rates: of(0.5, 20),
  },
  {
    name: "relative gains below a relative threshold",
    source: `${TORCH_TEST} test_reduce_lr_on_plateau5: mode="max", threshold_mode="rel", threshold=0.1, patience=5, cooldown=5`,
    startRate: 0.5,
    rule: { mode: "max", minDelta: { relative: 0.1 }, patience: 6, cooldown: 5 },
    values: series(20, (i) => 1.5 * 1.005 ** i),
    rates: [...of(0.5, 6), ...of(0.05, 5 + 6), ...of(0.005, 3)],
  },
  {
    name: "losses that shrink by a share",
    source: `${TORCH_TEST} test_reduce_lr_on_plateau6: threshold_mode="rel", threshold=0.1, patience=10`,
    startRate: 0.5,
    rule: { minDelta: { relative: 0.1 }, patience: 11 },
    values: series(20, (i) => 1.5 * 0.85 ** i),
    rates: of(0.5, 20),
  },
  {
    name: "an improvement in cooldown",
    source: `${TORCH_TEST} test_reduce_lr_on_plateau7: threshold_mode="rel", threshold=0.1, patience=5, cooldown=5`,
    startRate: 0.5,
    rule: { minDelta: { relative: 0.1 }, patience: 6, cooldown: 5 },
    values: [...of(1, 7), 0.6, ...of(0.5, 12)],
    rates: [...of(0.5, 6), ...of(0.05, 5 + 6), ...of(0.005, 3)],
  },
  {
    name: "a relative threshold, both sides of it",
    source: `${TORCH_REL}: threshold=0.1, patience=1`,
    startRate: 0.5,
    rule: { minDelta: { relative: 0.1 }, patience: 2, factor: 0.5 },
    values: [10, 9.5, 9.1, 8.9, 8.5, 8.1, 8, 7.9],
    rates: [0.5, 0.5, 0.25, 0.25, 0.25, 0.125, 0.125, 0.125],
  },
  {
    name: "a relative threshold, max",
    source: `${TORCH_REL}: mode="max", threshold=0.1, patience=0`,
    startRate: 0.5,
    rule: { mode: "max", minDelta: { relative: 0.1 }, patience: 1, factor: 0.5 },
    values: [1, 1.05, 1.2, 1.3, 1.33, 1.5],
    rates: [0.5, 0.25, 0.25, 0.125, 0.125, 0.125],
  },
  {
    name: "a relative threshold of small losses",
    source: `${TORCH_REL}: threshold=0.01, patience=1`,
    startRate: 0.5,
    rule: { minDelta: { relative: 0.01 }, patience: 2, factor: 0.5 },
    values: [0.001, 0.000995, 0.00098, 0.00097, 0.000965, 0.000962],
    rates: [0.5, 0.5, 0.5, 0.5, 0.5, 0.25],
  },
  {
    name: "a relative threshold of negative losses",
    source: `${TORCH_REL}: threshold=0.1, patience=0`,
    startRate: 0.5,
    rule: { minDelta: { relative: 0.1 }, patience: 1, factor: 0.5 },
    values: [-1, -1.05, -1.08, -1.2],
    rates: [0.5, 0.5, 0.5, 0.5],
    ours: { rates: [0.5, 0.25, 0.125, 0.125], because: NEGATIVE },
  },
  thresholdExactly(`${TORCH}: threshold=0.5, patience=0`, 1),
  {
    name: "NaN first",
    source: `${TORCH}: threshold=0, patience=1`,
    startRate: 0.5,
    rule: { patience: 2, factor: 0.5 },
    values: [NaN, NaN, NaN, 1, 0.9, NaN, NaN, NaN],
    rates: [0.5, 0.25, 0.25, 0.25, 0.25, 0.25, 0.125, 0.125],
  },
  {
    name: "NaN later",
    source: `${TORCH}: threshold=0, patience=1`,
    startRate: 0.5,
    rule: { patience: 2, factor: 0.5 },
    values: [1, NaN, NaN, NaN, 0.5, NaN],
    rates: [0.5, 0.5, 0.25, 0.25, 0.25, 0.25],
  },
  {
    name: "Infinity first",
    source: `${TORCH}: threshold=0, patience=1`,
    startRate: 0.5,
    rule: { patience: 2, factor: 0.5 },
    values: [Infinity, Infinity, Infinity, 1],
    rates: [0.5, 0.25, 0.25, 0.25],
  },
  {
    name: "-Infinity",
    source: `${TORCH}: threshold=0, patience=1`,
    startRate: 0.5,
    rule: { patience: 2, factor: 0.5 },
    values: [1, -Infinity, 0.5, 0.4, 0.3],
    rates: [0.5, 0.5, 0.5, 0.25, 0.25],
    ours: { rates: of(0.5, 5), because: FINITE },
  },
  {
    name: "slow gains",
    source: `${TORCH}: threshold=0.1, patience=2`,
    startRate: 0.5,
    rule: { minDelta: 0.1, patience: 3, factor: 0.5 },
    values: [1, 0.95, 0.9, 0.85, 0.8, 0.75, 0.7],
    rates: of(0.5, 7),
  },
  {
    name: "equal values",
    source: `${TORCH}: threshold=0, patience=2`,
    startRate: 0.5,
    rule: { patience: 3, factor: 0.5 },
    values: of(3, 7),
    rates: [0.5, 0.5, 0.5, 0.25, 0.25, 0.25, 0.125],
  },
  {
    name: "cooldown",
    source: `${TORCH}: threshold=0, patience=0, cooldown=2`,
    startRate: 0.5,
    rule: { patience: 1, factor: 0.5, cooldown: 2 },
    values: of(1, 10),
    rates: [0.5, 0.25, 0.25, 0.25, 0.125, 0.125, 0.125, 0.0625, 0.0625, 0.0625],
  },
  {
    name: "values that improve in cooldown",
    source: `${TORCH}: threshold=0, patience=0, cooldown=2`,
    startRate: 0.5,
    rule: { patience: 1, factor: 0.5, cooldown: 2 },
    values: [1, 1, 0.5, 0.6, 0.6, 0.6, 0.4, 0.4],
    rates: [0.5, 0.25, 0.25, 0.25, 0.125, 0.125, 0.125, 0.0625],
  },
  {
    name: "min_lr",
    source: `${TORCH}: threshold=0, patience=0, min_lr=0.2`,
    startRate: 0.5,
    rule: { patience: 1, factor: 0.5, minLr: 0.2 },
    values: of(1, 6),
    rates: [0.5, 0.25, 0.2, 0.2, 0.2, 0.2],
  },
  {
    name: "negative values, max",
    source: `${TORCH}: mode="max", threshold=0.1, patience=1`,
    startRate: 0.5,
    rule: { mode: "max", minDelta: 0.1, patience: 2, factor: 0.5 },
    values: [-10, -11, -9, -9, -9, -8.99],
    rates: [0.5, 0.5, 0.5, 0.5, 0.25, 0.25],
  },
];

const KERAS_ROWS: readonly PlateauRow[] = [
  {
    name: "reduces",
    source: `${KERAS_TEST} test_reduces_lr_with_model_fit: factor=0.1, patience=1, min_delta=100`,
    startRate: 0.1,
    rule: { minDelta: 100, patience: 1 },
    values: [1, 0.9],
    rates: [0.1, 0.01],
  },
  {
    name: "min_lr",
    source: `${KERAS_TEST} test_honors_min_lr: factor=0.1, patience=1, min_delta=10, min_lr=0.005`,
    startRate: 0.1,
    rule: { minDelta: 10, patience: 1, minLr: 0.005 },
    values: [1, 0.9, 0.8, 0.7],
    rates: [0.1, 0.01, 0.005, 0.005],
  },
  {
    name: "cooldown",
    source: `${KERAS_TEST} test_cooldown: factor=0.1, patience=1, min_delta=100, cooldown=2`,
    startRate: 0.1,
    rule: { minDelta: 100, patience: 1, cooldown: 2 },
    values: [1, 0.9, 0.8, 0.7],
    rates: [0.1, 0.01, 0.01, 0.001],
    ours: { rates: [0.1, 0.01, 0.01, 0.01], because: COOLDOWN },
  },
  {
    name: "a cooldown longer by one is Keras's",
    source: `${KERAS}: patience=1, min_delta=0, cooldown=2`,
    startRate: 0.5,
    rule: { patience: 1, factor: 0.5, cooldown: 1 },
    values: of(1, 10),
    rates: [0.5, 0.25, 0.25, 0.125, 0.125, 0.0625, 0.0625, 0.03125, 0.03125, 0.015625],
  },
  {
    name: "patience 0",
    source: `${KERAS}: patience=0, min_delta=0`,
    startRate: 0.5,
    rule: { patience: 0, factor: 0.5 },
    values: [1, 1, 1, 0.5, 0.6],
    rates: [0.5, 0.25, 0.125, 0.125, 0.0625],
  },
  thresholdExactly(`${KERAS}: patience=0, min_delta=0.5`, 0),
  {
    name: "slow gains",
    source: `${KERAS}: patience=2, min_delta=0.1`,
    startRate: 0.5,
    rule: { patience: 2, minDelta: 0.1, factor: 0.5 },
    values: [1, 0.95, 0.9, 0.85, 0.8, 0.75, 0.7],
    rates: [0.5, 0.5, 0.25, 0.25, 0.25, 0.125, 0.125],
  },
  {
    name: "equal values",
    source: `${KERAS}: patience=2, min_delta=0`,
    startRate: 0.5,
    rule: { patience: 2, factor: 0.5 },
    values: of(3, 7),
    rates: [0.5, 0.5, 0.25, 0.25, 0.125, 0.125, 0.0625],
  },
  {
    name: "NaN first",
    source: `${KERAS}: patience=1, min_delta=0`,
    startRate: 0.5,
    rule: { patience: 1, factor: 0.5 },
    values: [NaN, NaN, NaN, 1, 0.9, NaN, NaN, NaN],
    rates: [0.5, 0.25, 0.125, 0.0625, 0.03125, 0.015625, 0.0078125, 0.00390625],
    ours: {
      rates: [0.25, 0.125, 0.0625, 0.0625, 0.0625, 0.03125, 0.015625, 0.0078125],
      because: "in Keras a first NaN is the best value for good; in ours, as in torch, it is a bad check and never the best",
    },
  },
  {
    name: "NaN later",
    source: `${KERAS}: patience=1, min_delta=0`,
    startRate: 0.5,
    rule: { patience: 1, factor: 0.5 },
    values: [1, NaN, NaN, NaN, 0.5, NaN],
    rates: [0.5, 0.25, 0.125, 0.0625, 0.0625, 0.03125],
  },
  {
    name: "negative values, max",
    source: `${KERAS}: mode="max", patience=1, min_delta=0.1`,
    startRate: 0.5,
    rule: { mode: "max", patience: 1, minDelta: 0.1, factor: 0.5 },
    values: [-10, -11, -9, -9, -9, -8.99],
    rates: [0.5, 0.25, 0.25, 0.125, 0.0625, 0.03125],
  },
];

export const PLATEAUS: readonly (PlateauRow & { peer: string })[] = [
  ...TORCH_ROWS.map((row) => ({ peer: "torch", ...row })),
  ...KERAS_ROWS.map((row) => ({ peer: "Keras", ...row })),
];
