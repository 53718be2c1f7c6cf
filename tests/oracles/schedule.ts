/**
 * Learning rates of other schedulers, as data. The tests of these projects assert them, or their code computes them, as `source` says.
 * One number a step, from the first.
 */
import type { LearningRateScheduleConfig } from "../../src/index.js";

/** One schedule of a peer, and the config of ours that stands for it. */
export interface ScheduleRow {
  name: string;
  /** The project, its version or commit, and its test or class with the arguments. */
  source: string;
  baseRate: number;
  config: LearningRateScheduleConfig;
  rates: readonly number[];
  /** Decimals to which the source gives its numbers. */
  digits: number;
  /** Where ours differs on purpose: our rates, and why. */
  ours?: { rates: readonly number[]; because: string };
}

const TORCH_TEST = "pytorch/pytorch@01f9ef32eae5 test/optim/test_lrscheduler.py";
const TORCH = "computed with torch 2.15.0";
const KERAS = "computed with keras 3.15.1";
const HF_TEST = "huggingface/transformers@1001bb00bfee tests/optimization/test_optimization.py test_schedulers";

/** The cosine between two rates, as `annealing_cos` in torch's tests. */
const between = (from: number, to: number, share: number): number => to + ((from - to) / 2) * (Math.cos(Math.PI * share) + 1);
const sevenths = [1, 2, 3, 4, 5, 6].map((n) => between(25, 0.5, n / 7));

export const SCHEDULES: readonly ScheduleRow[] = [
  {
    name: "one-cycle of 10 steps",
    source: `${TORCH_TEST} test_onecycle_lr_cosine_annealing: max_lr=25, final_div_factor=2, total_steps=10`,
    baseRate: 1,
    config: { kind: "oneCycle", totalSteps: 10, maxLr: 25, minLr: 0.5 },
    rates: [1, 13, 25, ...sevenths, 0.5],
    digits: 12,
  },
  {
    name: "one-cycle whose peak lies between two steps",
    source: `${TORCH} OneCycleLR: max_lr=0.4, div_factor=4, final_div_factor=1e4, pct_start=0.5, total_steps=7`,
    baseRate: 0.1,
    config: { kind: "oneCycle", totalSteps: 7, maxLr: 0.4, minLr: 1e-5, pctStart: 0.5 },
    rates: [
      0.09999999999999998, 0.20364745084375788, 0.3713525491562421, 0.3801942687361443, 0.2445080741865931, 0.0753101570772626,
      1e-5,
    ],
    digits: 12,
  },
  {
    name: "one-cycle of 12 steps with the default share",
    source: `${TORCH} OneCycleLR: max_lr=1, div_factor=25, final_div_factor=10, total_steps=12`,
    baseRate: 0.04,
    config: { kind: "oneCycle", totalSteps: 12, maxLr: 1, minLr: 0.004 },
    rates: [
      0.040000000000000036, 0.3497896542195831, 0.8792851591221287, 0.9944377514601139, 0.9332806510846504, 0.8124979213256492,
      0.6487880768566303, 0.4647844133939607, 0.2859258979194561, 0.1369401678287466, 0.038424873175186336, 0.004,
    ],
    digits: 12,
  },
  {
    name: "one-cycle that rises almost to the end",
    source: `${TORCH} OneCycleLR: max_lr=10, div_factor=10, final_div_factor=10, pct_start=0.9, total_steps=5`,
    baseRate: 1,
    config: { kind: "oneCycle", totalSteps: 5, maxLr: 10, minLr: 0.1, pctStart: 0.9 },
    rates: [1, 2.694295891635699, 6.5013442028034145, 9.554359905560887, 0.1],
    digits: 12,
  },
  {
    name: "one-cycle of 2 steps: less than a step to rise in",
    source: `${TORCH} OneCycleLR: max_lr=25, final_div_factor=2, total_steps=2`,
    baseRate: 1,
    config: { kind: "oneCycle", totalSteps: 2, maxLr: 25, minLr: 0.5 },
    rates: [20.387750072769485, 0.5],
    digits: 12,
  },
  {
    name: "one-cycle of 1 step",
    source: `${TORCH} OneCycleLR: max_lr=25, final_div_factor=2, total_steps=1`,
    baseRate: 1,
    config: { kind: "oneCycle", totalSteps: 1, maxLr: 25, minLr: 0.5 },
    rates: [0.5],
    digits: 12,
  },
  {
    name: "cosine, one step longer than torch's T_max",
    source: `${TORCH_TEST} test_cos_anneal_lr: T_max=10, eta_min=1e-10`,
    baseRate: 0.05,
    config: { kind: "cosine", totalSteps: 11, minLr: 1e-10 },
    rates: Array.from({ length: 10 }, (_, step) => between(0.05, 1e-10, step / 10)),
    digits: 12,
  },
  {
    name: "cosine to its end",
    source: `${TORCH} CosineAnnealingLR: T_max=9, eta_min=0.1`,
    baseRate: 1,
    config: { kind: "cosine", totalSteps: 10, minLr: 0.1 },
    rates: [
      1, 0.9728616793536587, 0.89471999940354, 0.7749999999999999, 0.6281416799501187, 0.4718583200498814, 0.3250000000000001,
      0.20528000059645996, 0.12713832064634126, 0.1,
    ],
    digits: 12,
  },
  {
    name: "cosine to 0",
    source: `${TORCH} CosineAnnealingLR: T_max=4`,
    baseRate: 0.05,
    config: { kind: "cosine", totalSteps: 5 },
    rates: [0.05, 0.04267766952966369, 0.025, 0.0073223304703363135, 0],
    digits: 12,
  },
  {
    name: "warm-up, then cosine",
    source: `${TORCH} SequentialLR(LambdaLR(step / 4), CosineAnnealingLR(T_max=5, eta_min=0.2), milestones=[4])`,
    baseRate: 1,
    config: { kind: "cosine", totalSteps: 10, warmupSteps: 4, minLr: 0.2 },
    rates: [0, 0.25, 0.5, 0.75, 1, 0.9236067977499791, 0.7236067977499792, 0.4763932022500212, 0.2763932022500211, 0.2],
    digits: 12,
  },
  {
    name: "warm-up, then cosine, of 10 steps",
    source: `${HF_TEST}: get_cosine_schedule_with_warmup(num_warmup_steps=2, num_training_steps=10)`,
    baseRate: 10,
    config: { kind: "cosine", totalSteps: 10, warmupSteps: 2 },
    rates: [0, 5, 10, 9.61, 8.53, 6.91, 5, 3.08, 1.46, 0.38],
    digits: 2,
    ours: {
      rates: [0, 5, 10, 9.5048, 8.1174, 6.1126, 3.8874, 1.8826, 0.4952, 0],
      because:
        "ours is at its end value in the last step, as torch's OneCycleLR; theirs would reach it in the step after the last",
    },
  },
  {
    name: "warm-up, then constant",
    source: `${HF_TEST}: get_constant_schedule_with_warmup(num_warmup_steps=4)`,
    baseRate: 10,
    config: { warmupSteps: 4 },
    rates: [0, 2.5, 5, 7.5, 10, 10, 10, 10, 10, 10],
    digits: 12,
  },
  {
    name: "linear warm-up from half of the rate",
    source: `${TORCH_TEST} test_linearlr: start_factor=1/2, total_iters=4`,
    baseRate: 0.05,
    config: { warmupSteps: 4 },
    rates: [0.025, 0.03125, 0.0375, 0.04375, 0.05, 0.05, 0.05, 0.05, 0.05, 0.05],
    digits: 12,
    ours: {
      rates: [0, 0.0125, 0.025, 0.0375, 0.05, 0.05, 0.05, 0.05, 0.05, 0.05],
      because: "our warm-up has no start factor: it begins at 0 (Hugging Face); both are linear and whole after 4 steps",
    },
  },
  {
    name: "linear warm-up from almost 0",
    source: `${TORCH} LinearLR: start_factor=1e-12, total_iters=4`,
    baseRate: 0.05,
    config: { warmupSteps: 4 },
    rates: [5e-14, 0.0125000000000375, 0.025000000000025002, 0.0375000000000125, 0.05, 0.05, 0.05, 0.05],
    digits: 10,
  },
  {
    name: "step",
    source: `${TORCH_TEST} test_step_lr: gamma=0.1, step_size=3`,
    baseRate: 0.05,
    config: { kind: "step", stepSize: 3, gamma: 0.1 },
    rates: [0.05, 0.05, 0.05, 0.005, 0.005, 0.005, 0.0005, 0.0005, 0.0005, 0.00005],
    digits: 12,
  },
  {
    name: "step of the second group, with another base rate",
    source: `${TORCH_TEST} test_step_lr: gamma=0.1, step_size=3`,
    baseRate: 0.5,
    config: { kind: "step", stepSize: 3, gamma: 0.1 },
    rates: [0.5, 0.5, 0.5, 0.05, 0.05, 0.05, 0.005, 0.005, 0.005, 0.0005],
    digits: 12,
  },
  {
    name: "warm-up, then step",
    source: `${TORCH} SequentialLR(LambdaLR(step / 3), StepLR(2, 0.5), milestones=[3])`,
    baseRate: 1,
    config: { kind: "step", stepSize: 2, gamma: 0.5, warmupSteps: 3 },
    rates: [0, 1 / 3, 2 / 3, 1, 1, 0.5, 0.5, 0.25, 0.25, 0.125],
    digits: 12,
  },
  {
    name: "linear to a quarter",
    source: `${TORCH} LinearLR: start_factor=1, end_factor=0.25, total_iters=4`,
    baseRate: 0.8,
    config: { kind: "linear", totalSteps: 5, minLr: 0.2 },
    rates: [0.8, 0.65, 0.5, 0.35, 0.19999999999999998, 0.19999999999999998, 0.19999999999999998],
    digits: 12,
  },
  {
    name: "linear to 0",
    source: `${TORCH} LinearLR: start_factor=1, end_factor=0, total_iters=9`,
    baseRate: 1,
    config: { kind: "linear", totalSteps: 10 },
    rates: [
      1, 0.8888888888888888, 0.7777777777777777, 0.6666666666666666, 0.5555555555555556, 0.4444444444444445, 0.33333333333333337,
      0.22222222222222227, 0.11111111111111113, 0,
    ],
    digits: 12,
  },
  {
    name: "polynomial of power 1",
    source: `${TORCH} PolynomialLR: total_iters=4, power=1`,
    baseRate: 0.05,
    config: { kind: "polynomial", totalSteps: 5 },
    rates: [0.05, 0.037500000000000006, 0.025, 0.0125, 0, 0],
    digits: 12,
  },
  {
    name: "polynomial of power 2",
    source: `${TORCH} PolynomialLR: total_iters=9, power=2`,
    baseRate: 1,
    config: { kind: "polynomial", totalSteps: 10, power: 2 },
    rates: [
      1, 0.7901234567901234, 0.6049382716049384, 0.44444444444444464, 0.30864197530864207, 0.19753086419753088,
      0.11111111111111116, 0.04938271604938271, 0.012345679012345689, 0,
    ],
    digits: 12,
  },
  {
    name: "polynomial of power 0.9",
    source: `${TORCH} PolynomialLR: total_iters=4, power=0.9`,
    baseRate: 0.05,
    config: { kind: "polynomial", totalSteps: 5, power: 0.9 },
    rates: [0.05, 0.038594475336178526, 0.02679433656340733, 0.014358729437462938, 0, 0],
    digits: 12,
  },
  {
    name: "polynomial of power 0.5 to an end rate",
    source: `${KERAS} PolynomialDecay(0.05, 9, 0.01, power=0.5)`,
    baseRate: 0.05,
    config: { kind: "polynomial", totalSteps: 10, minLr: 0.01, power: 0.5 },
    rates: [
      0.05, 0.047712361663282535, 0.045276684147527876, 0.04265986323710905, 0.03981423969999719, 0.03666666666666667,
      0.03309401076758504, 0.028856180831641265, 0.023333333333333338, 0.01, 0.01,
    ],
    digits: 12,
  },
  {
    name: "polynomial of power 3 to an end rate",
    source: `${KERAS} PolynomialDecay(1, 4, 0.1, power=3)`,
    baseRate: 1,
    config: { kind: "polynomial", totalSteps: 5, minLr: 0.1, power: 3 },
    rates: [1, 0.4796875, 0.2125, 0.1140625, 0.1, 0.1],
    digits: 12,
  },
  {
    name: "exponential by step",
    source: `${TORCH} ExponentialLR: gamma=0.9`,
    baseRate: 0.05,
    config: { kind: "exponential", gamma: 0.9, stepSize: 1 },
    rates: [
      0.05, 0.045000000000000005, 0.04050000000000001, 0.03645000000000001, 0.03280500000000001, 0.02952450000000001,
      0.02657205000000001, 0.02391484500000001,
    ],
    digits: 12,
  },
  {
    name: "exponential over 4 steps",
    source: `${KERAS} ExponentialDecay(1, 4, 0.5)`,
    baseRate: 1,
    config: { kind: "exponential", gamma: 0.5, stepSize: 4 },
    rates: [
      1, 0.8408964152537145, 0.7071067811865476, 0.5946035575013605, 0.5, 0.42044820762685725, 0.3535533905932738,
      0.29730177875068026, 0.25, 0.21022410381342863,
    ],
    digits: 12,
  },
  {
    name: "exponential over the whole schedule",
    source: `${KERAS} ExponentialDecay(1, 4, 0.5), of which the first 5 steps are the schedule`,
    baseRate: 1,
    config: { kind: "exponential", gamma: 0.5, totalSteps: 5 },
    rates: [1, 0.8408964152537145, 0.7071067811865476, 0.5946035575013605, 0.5],
    digits: 12,
  },
  {
    name: "a staircase is kind step",
    source: `${KERAS} ExponentialDecay(1, 4, 0.5, staircase=True)`,
    baseRate: 1,
    config: { kind: "step", gamma: 0.5, stepSize: 4 },
    rates: [1, 1, 1, 1, 0.5, 0.5, 0.5, 0.5, 0.25, 0.25],
    digits: 12,
  },
  {
    name: "warm-up, then exponential",
    source: `${TORCH} SequentialLR(LambdaLR(step / 2), ExponentialLR(0.5), milestones=[2])`,
    baseRate: 1,
    config: { kind: "exponential", gamma: 0.5, stepSize: 1, warmupSteps: 2 },
    rates: [0, 0.5, 1, 0.5, 0.25, 0.125],
    digits: 12,
  },
  {
    name: "milestones",
    source: `${TORCH_TEST} test_multi_step_lr: gamma=0.1, milestones=[2, 5, 9]`,
    baseRate: 0.05,
    config: { kind: "milestones", milestones: [2, 5, 9] },
    rates: [0.05, 0.05, 0.005, 0.005, 0.005, 0.0005, 0.0005, 0.0005, 0.0005, 0.00005],
    digits: 12,
  },
  {
    name: "warm-up, then milestones: ours count from the start of the run",
    source: `${TORCH} SequentialLR(LambdaLR(step / 2), MultiStepLR([2, 4], 0.5), milestones=[2])`,
    baseRate: 1,
    config: { kind: "milestones", milestones: [4, 6], gamma: 0.5, warmupSteps: 2 },
    rates: [0, 0.5, 1, 1, 0.5, 0.5, 0.25, 0.25, 0.25],
    digits: 12,
  },
  {
    name: "boundaries",
    source: `${KERAS} PiecewiseConstantDecay([2, 5], [1, 0.5, 0.25])`,
    baseRate: 1,
    config: { kind: "milestones", milestones: [2, 5], gamma: 0.5 },
    rates: [1, 1, 1, 0.5, 0.5, 0.5, 0.25, 0.25, 0.25],
    digits: 12,
    ours: {
      rates: [1, 1, 0.5, 0.5, 0.5, 0.25, 0.25, 0.25, 0.25],
      because: "after that many steps the next one has the new rate, as in torch; in Keras it is the one after the next",
    },
  },
  {
    name: "restarts of one length",
    source: `${TORCH} CosineAnnealingWarmRestarts: T_0=4, eta_min=0.1`,
    baseRate: 1,
    config: { kind: "cosineRestarts", cycleSteps: 4, minLr: 0.1 },
    rates: [
      1, 0.8681980515339464, 0.55, 0.23180194846605365, 1, 0.8681980515339464, 0.55, 0.23180194846605365, 1, 0.8681980515339464,
    ],
    digits: 12,
  },
  {
    name: "restarts of twice the length each",
    source: `${TORCH} CosineAnnealingWarmRestarts: T_0=2, T_mult=2, eta_min=0.001`,
    baseRate: 0.05,
    config: { kind: "cosineRestarts", cycleSteps: 2, cycleFactor: 2, minLr: 0.001 },
    rates: [
      0.05, 0.025500000000000002, 0.05, 0.04282411613907042, 0.025500000000000002, 0.008175883860929586, 0.05,
      0.048135048546526525, 0.04282411613907042, 0.0348757440929447, 0.025500000000000002, 0.016124255907055303,
      0.008175883860929586, 0.002864951453473475, 0.05, 0.04952923936987915,
    ],
    digits: 12,
  },
  {
    name: "warm-up, then restarts",
    source: `${TORCH} SequentialLR(LambdaLR(step / 3), CosineAnnealingWarmRestarts(T_0=3), milestones=[3])`,
    baseRate: 1,
    config: { kind: "cosineRestarts", cycleSteps: 3, warmupSteps: 3 },
    rates: [0, 1 / 3, 2 / 3, 1, 0.75, 0.2500000000000001, 1, 0.75, 0.2500000000000001, 1],
    digits: 12,
  },
  {
    name: "restarts that get longer and lower",
    source: `${KERAS} CosineDecayRestarts(1, 4, t_mul=2, m_mul=0.5, alpha=0.1), which has π in 32 bits`,
    baseRate: 1,
    config: { kind: "cosineRestarts", cycleSteps: 4, cycleFactor: 2, cycleDecay: 0.5, minLr: 0.1 },
    rates: [
      1, 0.8681980729103088, 0.5499999731779098, 0.23180195391178132, 0.55, 0.5328728884458542, 0.4840990364551544, 0.4111037642,
      0.3249999865889549, 0.2388962358236313, 0.16590097695589068, 0.11712711155414582, 0.325, 0.3228383406996727,
      0.3164364442229271, 0.3060403227806091,
    ],
    digits: 6,
  },
  {
    name: "restarts by half as much again",
    source: `${KERAS} CosineDecayRestarts(1, 2, t_mul=1.5), which has π in 32 bits`,
    baseRate: 1,
    config: { kind: "cosineRestarts", cycleSteps: 2, cycleFactor: 1.5 },
    rates: [
      1, 0.4999999701976776, 1, 0.75, 0.2499999701976776, 1, 0.8830221891403198, 0.5868241190910339, 0.2499999701976776,
      0.03015369176864624, 0.9865224361419678, 0.8830221891403198,
    ],
    digits: 6,
  },
  {
    name: "two cosines over the run, the last of which comes to its end",
    source: `${TORCH} CosineAnnealingWarmRestarts: T_0=4, eta_min=0.1`,
    baseRate: 1,
    config: { kind: "cosineRestarts", cycles: 2, totalSteps: 9, minLr: 0.1 },
    rates: [1, 0.8681980515339464, 0.55, 0.23180194846605365, 1, 0.8681980515339464, 0.55, 0.23180194846605365, 1],
    digits: 12,
    ours: {
      rates: [1, 0.8682, 0.55, 0.2318, 1, 0.8682, 0.55, 0.2318, 0.1],
      because: "ours is at its end value in the last step; theirs begins again there",
    },
  },
  {
    name: "a function of the step",
    source: `${TORCH} LambdaLR: lambda step: 0.95 ** step`,
    baseRate: 0.05,
    config: { kind: "function", rate: (step, _totalSteps, baseRate) => baseRate * 0.95 ** step },
    rates: [0.05, 0.0475, 0.045125, 0.04286875, 0.0407253125, 0.038689046874999994],
    digits: 12,
  },
];
