/** Where other early stoppings stop, as data: one value a check, from epoch 0. */
import type { EarlyStoppingConfig, StopKind } from "../../src/index.js";

/** What a sequence of values comes to. */
interface Outcome {
  /** The index of the check that stops, and why; null: none does. */
  stops: readonly [check: number, kind: StopKind] | null;
  /** The check whose weights are restored, where the source says. */
  best?: number;
}

/** One sequence of a peer, and the rule of ours that stands for its settings. */
export interface StoppingRow extends Outcome {
  name: string;
  /** The project, its version or commit, and its test or class with the arguments. */
  source: string;
  /** `mode` is "min" where it is left out; `patience: 0`, which our config refuses, goes to the rule as it is. */
  rule: EarlyStoppingConfig;
  values: readonly number[];
  /** Where ours differs on purpose: what ours comes to, and why. */
  ours?: Outcome & { because: string };
}

const KERAS_TEST = "keras-team/keras@136da6b4355b keras/src/callbacks/early_stopping_test.py";
const KERAS = "computed with keras 3.15.1 EarlyStopping";
const LIGHTNING_TEST = "Lightning-AI/pytorch-lightning@014994ad91a5 tests/tests_pytorch/callbacks/test_early_stopping.py";
const LIGHTNING = "computed with lightning 2.6.6 EarlyStopping";

/** The losses of `test_early_stopping_patience` in Keras, which stop at check `max(patience, 1) + 2`. */
const KERAS_LOSSES = [10, 9, 8, 9, 8.9, 8.8, 8.7, 8.6, 8.5];
const CREEP = [1, 0.95, 0.9, 0.85, 0.8, 0.75, 0.7];
const KERAS_RULE = { checkFinite: false };
const TRUE_BEST = "ours restores the weights of the best value, theirs those of the last that counted as an improvement";
const NOT_FINITE = "in ours an infinity is never the best value, so that a good value after it counts";
const INCLUSIVE = "our thresholds are inclusive: the value itself is reached";

const KERAS_ROWS: readonly StoppingRow[] = [
  ...[0, 1, 2, 3].map((patience): StoppingRow => ({
    name: `patience ${patience}`,
    source: `${KERAS_TEST} test_early_stopping_patience`,
    rule: { ...KERAS_RULE, patience },
    values: KERAS_LOSSES,
    stops: [Math.max(patience, 1) + 2, "patience"],
    best: 2,
  })),
  {
    name: "weights of the best check",
    source: `${KERAS_TEST} test_early_stopping_final_weights_when_restoring_model_weights: patience=2`,
    rule: { ...KERAS_RULE, patience: 2 },
    values: [0.2, 0.15, 0.1, 0.11, 0.12],
    stops: [4, "patience"],
    best: 2,
  },
  {
    name: "a baseline that is never reached",
    source: `${KERAS_TEST} test_early_stopping_final_weights_when_restoring_model_weights: patience=5, baseline=0.5`,
    rule: { ...KERAS_RULE, patience: 5, baseline: 0.5 },
    values: [0.9, 0.8, 0.7, 0.71, 0.72, 0.73],
    stops: [4, "patience"],
    best: 2,
  },
  {
    name: "a baseline that is not reached by a run that improves",
    source: `${KERAS}: patience=2, baseline=0.5`,
    rule: { ...KERAS_RULE, patience: 2, baseline: 0.5 },
    values: [0.9, 0.85, 0.8, 0.75, 0.7, 0.65, 0.6],
    stops: null,
    best: 6,
  },
  {
    name: "a baseline that is not reached: the first check without improvement stops",
    source: `${KERAS}: patience=2, baseline=0.5`,
    rule: { ...KERAS_RULE, patience: 2, baseline: 0.5 },
    values: [0.9, 0.8, 0.7, 0.71, 0.6],
    stops: [3, "patience"],
    best: 2,
  },
  {
    name: "a baseline that is beaten late",
    source: `${KERAS}: patience=4, baseline=0.5`,
    rule: { ...KERAS_RULE, patience: 4, baseline: 0.5 },
    values: [0.9, 0.8, 0.45, 0.46, 0.47, 0.48],
    stops: null,
    best: 2,
  },
  {
    name: "a baseline that is beaten at first",
    source: `${KERAS}: patience=3, baseline=0.5`,
    rule: { ...KERAS_RULE, patience: 3, baseline: 0.5 },
    values: [0.4, 0.45, 0.44, 0.43],
    stops: [3, "patience"],
    best: 0,
  },
  {
    name: "a baseline that is beaten, and then no gain",
    source: `${KERAS}: patience=2, baseline=0.5`,
    rule: { ...KERAS_RULE, patience: 2, baseline: 0.5 },
    values: [0.9, 0.4, 0.41, 0.42, 0.43],
    stops: [3, "patience"],
    best: 1,
  },
  {
    name: "the baseline itself does not beat it",
    source: `${KERAS}: patience=2, baseline=0.5`,
    rule: { ...KERAS_RULE, patience: 2, baseline: 0.5 },
    values: [0.5, 0.5, 0.4, 0.41, 0.42],
    stops: [1, "patience"],
    best: 0,
  },
  {
    name: "a baseline and min_delta",
    source: `${KERAS}: patience=3, baseline=0.5, min_delta=0.1`,
    rule: { ...KERAS_RULE, patience: 3, baseline: 0.5, minDelta: 0.1 },
    values: [0.49, 0.45, 0.46, 0.47, 0.3],
    stops: [2, "patience"],
    best: 0,
    ours: { stops: [2, "patience"], best: 1, because: TRUE_BEST },
  },
  {
    name: "a baseline, max",
    source: `${KERAS}: patience=3, baseline=0.8, mode="max"`,
    rule: { ...KERAS_RULE, patience: 3, baseline: 0.8, mode: "max" },
    values: [0.5, 0.6, 0.85, 0.84, 0.83, 0.9],
    stops: null,
    best: 5,
  },
  {
    name: "values before the first epoch that counts",
    source: `${KERAS}: patience=3, start_from_epoch=2`,
    rule: { ...KERAS_RULE, patience: 3, startFromEpoch: 2 },
    values: [0.1, 0.1, 5, 5, 5, 5],
    stops: [5, "patience"],
    best: 2,
  },
  {
    name: "patience 0 from a later epoch",
    source: `${KERAS}: patience=0, start_from_epoch=2`,
    rule: { ...KERAS_RULE, patience: 0, startFromEpoch: 2 },
    values: [0.1, 0.1, 5, 4, 4, 5],
    stops: [4, "patience"],
    best: 3,
  },
  {
    name: "equal values",
    source: `${KERAS}: patience=2`,
    rule: { ...KERAS_RULE, patience: 2 },
    values: [5, 5, 5],
    stops: [2, "patience"],
    best: 0,
  },
  {
    name: "gains of exactly min_delta",
    source: `${KERAS}: patience=2, min_delta=0.5`,
    rule: { ...KERAS_RULE, patience: 2, minDelta: 0.5 },
    values: [2, 1.5, 1, 0.5],
    stops: null,
    best: 2,
    ours: { stops: null, best: 3, because: TRUE_BEST },
  },
  {
    name: "slow gains that add up to min_delta in time",
    source: `${KERAS}: patience=3, min_delta=0.1`,
    rule: { ...KERAS_RULE, patience: 3, minDelta: 0.1 },
    values: CREEP,
    stops: null,
    best: 6,
  },
  {
    name: "slow gains that do not",
    source: `${KERAS}: patience=3, min_delta=0.2`,
    rule: { ...KERAS_RULE, patience: 3, minDelta: 0.2 },
    values: CREEP,
    stops: [3, "patience"],
    best: 0,
    ours: { stops: [3, "patience"], best: 3, because: TRUE_BEST },
  },
  {
    name: "NaN first",
    source: `${KERAS}: patience=2`,
    rule: { ...KERAS_RULE, patience: 2 },
    values: [NaN, 0.5, 0.4, 0.3, 0.2],
    stops: [2, "patience"],
    best: 0,
    ours: { stops: null, best: 4, because: "in Keras a first NaN is the best value for good; in ours it is never one" },
  },
  {
    name: "NaN in the middle",
    source: `${KERAS}: patience=2`,
    rule: { ...KERAS_RULE, patience: 2 },
    values: [1, NaN, NaN, 0.5],
    stops: [2, "patience"],
    best: 0,
  },
  {
    name: "Infinity first",
    source: `${KERAS}: patience=2`,
    rule: { ...KERAS_RULE, patience: 2 },
    values: [Infinity, 3, 2, 1],
    stops: null,
    best: 3,
  },
  {
    name: "-Infinity",
    source: `${KERAS}: patience=2`,
    rule: { ...KERAS_RULE, patience: 2 },
    values: [1, -Infinity, 0.5, 0.4],
    stops: [3, "patience"],
    best: 1,
    ours: { stops: null, best: 3, because: NOT_FINITE },
  },
  {
    name: "negative values that get worse, max",
    source: `${KERAS}: patience=2, mode="max"`,
    rule: { ...KERAS_RULE, patience: 2, mode: "max" },
    values: [-10, -11, -12],
    stops: [2, "patience"],
    best: 0,
  },
];

const LIGHTNING_ROWS: readonly StoppingRow[] = [
  {
    name: "patience 3",
    source: `${LIGHTNING_TEST} test_early_stopping_patience`,
    rule: { patience: 3 },
    values: [6, 5, 5, 5, 5, 5],
    stops: [4, "patience"],
  },
  {
    name: "patience 1",
    source: `${LIGHTNING_TEST} test_early_stopping_patience`,
    rule: { patience: 1 },
    values: [6, 5, 4, 4, 3, 3],
    stops: [3, "patience"],
  },
  {
    name: "back to the best is no improvement",
    source: `${LIGHTNING_TEST} test_early_stopping_patience`,
    rule: { patience: 3 },
    values: [6, 5, 6, 5, 5, 5],
    stops: [4, "patience"],
  },
  {
    name: "patience 0",
    source: `${LIGHTNING}: patience=0`,
    rule: { patience: 0 },
    values: [10, 9, 8, 9, 8.9],
    stops: [3, "patience"],
  },
  {
    name: "no threshold",
    source: `${LIGHTNING_TEST} test_early_stopping_thresholds: patience=3`,
    rule: { patience: 3 },
    values: [8, 4, 2, 3, 4, 5, 8, 10],
    stops: [5, "patience"],
  },
  {
    name: "stopping_threshold",
    source: `${LIGHTNING_TEST} test_early_stopping_thresholds: patience=3, stopping_threshold=2.9`,
    rule: { patience: 3, stoppingThreshold: 2.9 },
    values: [9, 8, 7, 6, 5, 6, 4, 3, 2, 1],
    stops: [8, "threshold"],
  },
  {
    name: "divergence_threshold",
    source: `${LIGHTNING_TEST} test_early_stopping_thresholds: patience=3, divergence_threshold=15.9`,
    rule: { patience: 3, divergenceThreshold: 15.9 },
    values: [9, 4, 2, 16, 32, 64],
    stops: [3, "divergence"],
  },
  {
    name: "exactly stopping_threshold",
    source: `${LIGHTNING}: patience=3, stopping_threshold=2`,
    rule: { patience: 3, stoppingThreshold: 2 },
    values: [4, 3, 2, 1],
    stops: [3, "threshold"],
    ours: { stops: [2, "threshold"], because: INCLUSIVE },
  },
  {
    name: "exactly divergence_threshold",
    source: `${LIGHTNING}: patience=3, divergence_threshold=16`,
    rule: { patience: 3, divergenceThreshold: 16 },
    values: [9, 4, 16, 17],
    stops: [3, "divergence"],
    ours: { stops: [2, "divergence"], because: INCLUSIVE },
  },
  {
    name: "exactly stopping_threshold, max",
    source: `${LIGHTNING}: patience=3, mode="max", stopping_threshold=0.97`,
    rule: { patience: 3, mode: "max", stoppingThreshold: 0.97 },
    values: [0.5, 0.97, 0.98],
    stops: [2, "threshold"],
    ours: { stops: [1, "threshold"], because: INCLUSIVE },
  },
  ...[Infinity, NaN].map((value): StoppingRow => ({
    name: `${value}`,
    source: `${LIGHTNING_TEST} test_early_stopping_on_non_finite_monitor: patience=3`,
    rule: { patience: 3 },
    values: [4, 3, value, 2, 1],
    stops: [2, "nonFinite"],
  })),
  {
    name: "the same value all along",
    source: `${LIGHTNING_TEST} test_early_stopping_reasons: patience=2`,
    rule: { patience: 2 },
    values: Array<number>(10).fill(10),
    stops: [2, "patience"],
  },
  {
    name: "falling below a threshold",
    source: `${LIGHTNING_TEST} test_early_stopping_reasons: patience=3, stopping_threshold=0.6`,
    rule: { patience: 3, stoppingThreshold: 0.6 },
    values: [5, 3, 1, 0.5, 0.1],
    stops: [3, "threshold"],
  },
  {
    name: "rising: divergence before patience",
    source: `${LIGHTNING_TEST} test_early_stopping_reasons: patience=3, divergence_threshold=8`,
    rule: { patience: 3, divergenceThreshold: 8 },
    values: [1, 2, 5, 10, 15],
    stops: [3, "divergence"],
  },
  {
    name: "NaN at the end",
    source: `${LIGHTNING_TEST} test_early_stopping_reasons: patience=3`,
    rule: { patience: 3 },
    values: [1, 0.5, NaN],
    stops: [2, "nonFinite"],
  },
  {
    name: "a run that improves",
    source: `${LIGHTNING_TEST} test_early_stopping_reasons: patience=3`,
    rule: { patience: 3 },
    values: [5, 4, 3],
    stops: null,
  },
  {
    name: "NaN first, not checked",
    source: `${LIGHTNING}: patience=2, check_finite=False`,
    rule: { patience: 2, checkFinite: false },
    values: [NaN, 0.5, 0.4, 0.3, 0.2],
    stops: null,
  },
  {
    name: "NaN all along, not checked",
    source: `${LIGHTNING}: patience=2, check_finite=False`,
    rule: { patience: 2, checkFinite: false },
    values: Array<number>(5).fill(NaN),
    stops: [1, "patience"],
  },
  {
    name: "Infinity first, not checked",
    source: `${LIGHTNING}: patience=2, check_finite=False`,
    rule: { patience: 2, checkFinite: false },
    values: [Infinity, 3, 2, 1],
    stops: null,
  },
  {
    name: "-Infinity, not checked",
    source: `${LIGHTNING}: patience=2, check_finite=False`,
    rule: { patience: 2, checkFinite: false },
    values: [1, -Infinity, 0.5, 0.4],
    stops: [3, "patience"],
    ours: { stops: null, because: NOT_FINITE },
  },
  {
    name: "gains of exactly min_delta",
    source: `${LIGHTNING}: patience=2, min_delta=0.5`,
    rule: { patience: 2, minDelta: 0.5 },
    values: [2, 1.5, 1, 0.5],
    stops: null,
  },
];

const RELATIVE: readonly [name: string, rule: EarlyStoppingConfig, values: readonly number[], stops: number][] = [
  ["min", { patience: 3, minDelta: { relative: 0.05 } }, [0.4, 0.39, 0.31, 0.25, 0.27, 0.24, 0.25], 6],
  ["min", { patience: 4, minDelta: { relative: 0.05 } }, [0.4, 0.39, 0.31, 0.25, 0.27, 0.24, 0.25, 0.24], 7],
  ["max", { patience: 3, mode: "max", minDelta: { relative: 0.1 } }, [0.25, 0.26, 0.32, 0.38, 0.39, 0.41, 0.41], 6],
  ["max", { patience: 4, mode: "max", minDelta: { relative: 0.1 } }, [0.25, 0.26, 0.32, 0.38, 0.39, 0.41, 0.4, 0.39], 7],
];

const TNT_ROWS: readonly StoppingRow[] = RELATIVE.map(([name, rule, values, stops]) => ({
  name: `a relative threshold, ${name}, patience ${rule.patience}`,
  source: `pytorch/tnt@398f1e50587f tests/utils/test_early_stop_checker.py test_early_stop_improvement_threshold_rel_${name}`,
  rule,
  values,
  stops: [stops, "patience"],
}));

export const STOPPINGS: readonly (StoppingRow & { peer: string })[] = [
  ...KERAS_ROWS.map((row) => ({ peer: "Keras", ...row })),
  ...LIGHTNING_ROWS.map((row) => ({ peer: "Lightning", ...row })),
  ...TNT_ROWS.map((row) => ({ peer: "torchtnt", ...row })),
];
