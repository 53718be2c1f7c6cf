/** Means and proportions over ranks, hand-computed; and ranks that do not agree on what they measure. */
import { describe, expect, test } from "vitest";
import type { Metrics } from "../../src/contract/index.js";
import { batches, trainWorld } from "./world.js";

const everyRank = <T>(value: T): T[] => [value, value, value, value];

describe("allReduceMetrics", () => {
  // Rank r has r + 1 batches of r + 1 samples each in `a`, all of loss 10 r; one batch of one sample of loss 5 in `b`.
  const data = (rank: number) => ({
    train: {
      a: Array.from({ length: rank + 1 }, () => ({ loss: 10 * rank, size: rank + 1 })),
      b: [{ loss: 5, size: 1 }],
    },
    validation: [{ loss: rank, size: 2 ** rank }],
  });
  // Samples of `a`: 1, 4, 9, 16 (30 in all); sum of loss × samples: 0, 40, 180, 480 (700 in all).
  const A = 700 / 30;
  const ALL = (700 + 4 * 5) / 34;
  const VALIDATION = (2 + 2 * 4 + 3 * 8) / 15;

  test("true: every rank has the mean over all samples, by loader too", async () => {
    const { ranks } = await trainWorld({ maxEpochs: 1, logging: { allReduceMetrics: true } }, (rank) => ({ data: data(rank) }));
    for (const { error, result } of ranks) {
      expect(error).toBeNull();
      const metrics: Metrics = result?.metrics ?? {};
      expect(metrics["train/a/loss"]).toBeCloseTo(A, 12);
      expect(metrics["train/b/loss"]).toBe(5);
      expect(metrics["train/loss"]).toBeCloseTo(ALL, 12);
      expect(metrics["val/loss"]).toBeCloseTo(VALIDATION, 12);
    }
    expect(new Set(ranks.map(({ result }) => JSON.stringify(result?.metrics))).size).toBe(1);
  });

  test("true: proportions are those of all ranks' batches", async () => {
    const { ranks } = await trainWorld(
      { maxEpochs: 1, logging: { allReduceMetrics: true, logLoaderProportions: true } },
      (rank) => ({ data: data(rank) }),
    );
    // 1 + 2 + 3 + 4 batches of `a`, 4 of `b`.
    for (const { result } of ranks)
      expect(result?.metrics).toMatchObject({ "loader_proportions/a_batches": 10 / 14, "loader_proportions/b_batches": 4 / 14 });
  });

  test("false, the default: every rank has its own", async () => {
    const { ranks } = await trainWorld({ maxEpochs: 1, logging: { logLoaderProportions: true } }, (rank) => ({
      data: data(rank),
    }));
    ranks.forEach(({ result }, rank) => {
      const samples = (rank + 1) ** 2;
      expect(result?.metrics).toMatchObject({
        "train/a/loss": 10 * rank,
        "val/loss": rank,
        "loader_proportions/a_batches": (rank + 1) / (rank + 2),
      });
      expect(result?.metrics["train/loss"]).toBeCloseTo((10 * rank * samples + 5) / (samples + 1), 12);
    });
  });

  test("uneven numbers of batches, over two epochs", async () => {
    const { ranks } = await trainWorld(
      { maxEpochs: 2, ranks: { syncEveryNSteps: 2 }, logging: { allReduceMetrics: true } },
      (rank) => ({ data: { train: batches(3 * rank + 1) } }),
    );
    // Losses 1 … n on n = 1, 4, 7 and 10 batches: sums 1, 10, 28, 55.
    expect(ranks.map(({ result }) => result?.metrics["train/loss"])).toEqual(everyRank(94 / 22));
    expect(ranks.map(({ result }) => result?.epochs)).toEqual(everyRank(2));
  });
});

describe("ranks that differ are an error on every rank, not a hang", () => {
  const config = { ranks: { timeoutMs: 2000 }, logging: { allReduceMetrics: true } };

  test.each(["train", "validation"])("metric names in %s", async (family) => {
    const { ranks, summary } = await trainWorld(config, (rank) => {
      const odd = batches(2, { metrics: rank === 2 ? { acuracy: 1 } : { accuracy: 1 } });
      const even = batches(2);
      return { data: { train: family === "train" ? odd : even, validation: family === "train" ? even : odd } };
    });
    for (const { error, backend } of ranks) {
      expect(error).toMatchObject({ code: "ERR_RANKS", result: { status: "failed" } });
      expect(error?.message).toContain("Only on rank 0: accuracy. Only on rank 2: acuracy.");
      expect(backend).toBeDefined();
    }
    expect(summary).toMatchObject({ status: "failed", error: { code: "ERR_RANKS" } });
  });

  test("loaders", async () => {
    const { ranks } = await trainWorld(config, (rank) => ({
      data: { train: rank === 1 ? { a: batches(2), c: batches(2) } : { a: batches(2), b: batches(2) } },
    }));
    for (const { error } of ranks) {
      expect(error).toMatchObject({ code: "ERR_RANKS" });
      expect(error?.message).toContain("rank 0 has a, b; rank 1 has a, c");
    }
  });

  test("without allReduceMetrics they may differ", async () => {
    const { ranks } = await trainWorld({ maxEpochs: 1 }, (rank) => ({
      data: { train: batches(2, { metrics: { [`only_${rank}`]: rank } }) },
    }));
    ranks.forEach(({ result }, rank) => expect(result?.metrics).toMatchObject({ [`train/only_${rank}`]: rank }));
  });
});
