/** Which checkpoints Lightning's `ModelCheckpoint` keeps, as data: one value an epoch, from epoch 0. */
import type { BestKRule } from "../../src/index.js";

/** What is kept in the end. */
interface Kept {
  /** The epochs that are kept, in their order. */
  kept: readonly number[];
  /** The best of them; null: none is ranked. */
  best: number | null;
}

/** One sequence of Lightning's. */
export interface BestKRow extends Kept {
  name: string;
  /** The project, its version or commit, and its test or class with the arguments. */
  source: string;
  rule: BestKRule;
  values: readonly number[];
  /** Where ours differs on purpose: what ours keeps, and why. */
  ours?: Kept & { because: string };
}

const OPTIONS_TEST =
  "Lightning-AI/pytorch-lightning@9bf5a5549599 tests/tests_pytorch/trainer/test_trainer.py test_model_checkpoint_options";
const CHECKPOINT_TEST = "Lightning-AI/pytorch-lightning@0017f4eaa783 tests/tests_pytorch/checkpointing/test_model_checkpoint.py";
const LIGHTNING = "computed with lightning 2.6.6 ModelCheckpoint";

const OLDER = "of equally bad ones ours removes the newest, theirs the oldest: a new equal value is no reason to replace";
const FINITE =
  "ours never ranks a value that is not finite; theirs takes NaN for the worst infinity and keeps it while there is room";

const LOSSES = [10, 9, 2.8, 5, 2.5];

export const BEST_K: readonly BestKRow[] = [
  { name: "k 1", source: `${OPTIONS_TEST} K=1`, rule: { mode: "min", k: 1 }, values: LOSSES, kept: [4], best: 4 },
  { name: "k 2", source: `${OPTIONS_TEST} K=2`, rule: { mode: "min", k: 2 }, values: LOSSES, kept: [2, 4], best: 4 },
  { name: "k 3", source: `${OPTIONS_TEST} K=3`, rule: { mode: "min", k: 3 }, values: LOSSES, kept: [2, 3, 4], best: 4 },
  { name: "k 4", source: `${OPTIONS_TEST} K=4`, rule: { mode: "min", k: 4 }, values: LOSSES, kept: [1, 2, 3, 4], best: 4 },
  {
    name: "as many as there are (K=-1)",
    source: `${OPTIONS_TEST} K=-1`,
    rule: { mode: "min", k: 5 },
    values: LOSSES,
    kept: [0, 1, 2, 3, 4],
    best: 4,
  },
  {
    name: "rising scores, min",
    source: `${CHECKPOINT_TEST} test_current_score: save_top_k=3`,
    rule: { mode: "min", k: 3 },
    values: [0.1, 0.2, 0.3],
    kept: [0, 1, 2],
    best: 0,
  },
  {
    name: "NaN first, min",
    source: `${CHECKPOINT_TEST} test_checkpointing_with_nan_as_first: mode="min", save_top_k=1`,
    rule: { mode: "min", k: 1 },
    values: [NaN, 8, 7, 5],
    kept: [3],
    best: 3,
  },
  {
    name: "NaN first, max",
    source: `${CHECKPOINT_TEST} test_checkpointing_with_nan_as_first: mode="max", save_top_k=1`,
    rule: { mode: "max", k: 1 },
    values: [NaN, 5, 7, 8],
    kept: [3],
    best: 3,
  },
  {
    name: "NaN alone",
    source: `${CHECKPOINT_TEST} test_current_score_when_nan: save_top_k=1`,
    rule: { mode: "min", k: 1 },
    values: [NaN],
    kept: [0],
    best: 0,
    ours: { kept: [], best: null, because: FINITE },
  },
  {
    name: "NaN between, k 2",
    source: `${LIGHTNING}: save_top_k=2`,
    rule: { mode: "min", k: 2 },
    values: [NaN, 8, NaN, 5],
    kept: [1, 3],
    best: 3,
  },
  {
    name: "NaN where there is room",
    source: `${LIGHTNING}: save_top_k=3`,
    rule: { mode: "min", k: 3 },
    values: [NaN, 8, NaN, 5],
    kept: [1, 2, 3],
    best: 3,
    ours: { kept: [1, 3], best: 3, because: FINITE },
  },
  {
    name: "-Infinity",
    source: `${LIGHTNING}: save_top_k=1`,
    rule: { mode: "min", k: 1 },
    values: [1, -Infinity, 0.5],
    kept: [1],
    best: 1,
    ours: { kept: [2], best: 2, because: FINITE },
  },
  {
    name: "all equal",
    source: `${LIGHTNING}: save_top_k=2`,
    rule: { mode: "min", k: 2 },
    values: [1, 1, 1, 1],
    kept: [0, 1],
    best: 0,
  },
  {
    name: "equal ones, then a better one",
    source: `${LIGHTNING}: save_top_k=2`,
    rule: { mode: "min", k: 2 },
    values: [1, 1, 0],
    kept: [1, 2],
    best: 2,
    ours: { kept: [0, 2], best: 2, because: OLDER },
  },
  {
    name: "equal ones, then two better ones",
    source: `${LIGHTNING}: save_top_k=3`,
    rule: { mode: "min", k: 3 },
    values: [1, 1, 1, 0, 0],
    kept: [2, 3, 4],
    best: 3,
    ours: { kept: [0, 3, 4], best: 3, because: OLDER },
  },
  {
    name: "equal to the best, max",
    source: `${LIGHTNING}: mode="max", save_top_k=1`,
    rule: { mode: "max", k: 1 },
    values: [1, 2, 2, 3],
    kept: [3],
    best: 3,
  },
  {
    name: "max",
    source: `${LIGHTNING}: mode="max", save_top_k=2`,
    rule: { mode: "max", k: 2 },
    values: [0.1, 0.9, 0.5],
    kept: [1, 2],
    best: 1,
  },
  {
    name: "zero and below",
    source: `${LIGHTNING}: save_top_k=2`,
    rule: { mode: "min", k: 2 },
    values: [0, -1, -2],
    kept: [1, 2],
    best: 2,
  },
];
