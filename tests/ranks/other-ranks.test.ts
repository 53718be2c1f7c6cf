/** What ranks other than 0 write, and what happens when one of them dies. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { defineHook } from "../../src/hooks/trainer-hooks.js";
import { batches, trainWorld, type Told } from "./world.js";

/** What each rank says and measures. */
function talker(rank: number) {
  return defineHook<Told>("talker", {
    onTrainStart({ logger }) {
      logger.logText("note", `from rank ${rank}`, 0);
      logger.logEvent("warning", { message: `warning of rank ${rank}` }, 0);
      logger.logMetrics({ "mine/a": 1, "mine/b": 2 }, 0);
    },
  });
}

test("only rank 0 has backends and a summary; the others drop and count metrics, and keep text in a file of their own", async () => {
  const { ranks, files, dir } = await trainWorld({ maxEpochs: 1 }, (rank) => ({
    data: { train: batches(2) },
    hooks: [talker(rank)],
  }));
  expect(ranks.map(({ error }) => error)).toEqual([null, null, null, null]);
  expect(ranks.map(({ trainer }) => [trainer.run.dir, trainer.run.runId, trainer.run.rank])).toEqual(
    [0, 1, 2, 3].map((rank) => [dir, ranks[0]?.trainer.run.runId, rank]),
  );
  expect(ranks[0]?.backend.records.length).toBeGreaterThan(0);
  for (const { backend } of ranks.slice(1)) expect(backend.records).toEqual([]);
  expect(files).toEqual([
    "config.yaml",
    "log",
    "log/training-000001.jsonl",
    "log/training-rank1-000001.jsonl",
    "log/training-rank2-000001.jsonl",
    "log/training-rank3-000001.jsonl",
    "owner.json",
    "summary.json",
  ]);
  for (const rank of [0, 1, 2, 3]) {
    const text = readFileSync(
      join(dir, "log", rank === 0 ? "training-000001.jsonl" : `training-rank${rank}-000001.jsonl`),
      "utf8",
    );
    for (const other of [0, 1, 2, 3])
      expect({ rank, other, has: text.includes(`"from rank ${other}"`) }).toEqual({ rank, other, has: rank === other });
  }
  const measured = ranks[0]?.backend.records.filter(({ kind }) => kind === "metric").length ?? 0;
  for (const { result } of ranks.slice(1)) {
    expect(result?.delivery.map(({ backend }) => backend)).toEqual(["training-log"]);
    // Every metric that rank 0 delivered, and the params, were dropped here.
    expect(result?.delivery[0]).toMatchObject({ dropped: measured + 1, pending: 0 });
  }
});

test("a rank that dies: the others end with ERR_RANKS within timeoutMs", async () => {
  const ended: unknown[] = [];
  const { ranks, summary } = await trainWorld({ maxEpochs: 5, ranks: { timeoutMs: 300 } }, (rank) => ({
    data: { train: batches(10) },
    hooks: [
      defineHook<Told>("dying", {
        onTrainBatchEnd(trainer) {
          if (rank === 2 && trainer.state.step === 5) throw new RangeError("rank 2 broke");
        },
        onTrainEnd: (_trainer, status) => void ended.push([rank, status]),
      }),
    ],
  }));
  expect(ranks.map(({ error }) => error?.code)).toEqual(["ERR_RANKS", "ERR_RANKS", "ERR_HOOK", "ERR_RANKS"]);
  expect(ranks[2]?.error).toMatchObject({ path: "hook dying, onTrainBatchEnd", cause: { message: "rank 2 broke" } });
  for (const rank of [0, 1, 3]) expect(ranks[rank]?.error?.message).toContain("rank 2");
  expect(ended).toHaveLength(4);
  expect(ended).toEqual(expect.arrayContaining([0, 1, 2, 3].map((rank) => [rank, "failed"])));
  expect(summary).toMatchObject({ status: "failed", error: { code: "ERR_RANKS" } });
});

test("a run that rank 0 cannot open is an error on every rank", async () => {
  const runsDir = mkdtempSync(join(tmpdir(), "trainscope-ranks-"));
  onTestFinished(() => rmSync(runsDir, { recursive: true, force: true }));
  mkdirSync(join(runsDir, "taken"), { recursive: true });
  const { ranks } = await trainWorld({ runsDir, runName: "taken" }, () => ({ data: { train: batches(2) } }));
  expect(ranks.map(({ error }) => error?.code)).toEqual(["ERR_RUN_EXISTS", "ERR_RUN_DIR", "ERR_RUN_DIR", "ERR_RUN_DIR"]);
  expect(ranks[1]?.error?.message).toContain("already has a directory");
});

test("a rank that fails its checks keeps the others from training without it", async () => {
  const steps: number[] = [];
  const { ranks } = await trainWorld({ ranks: { timeoutMs: 300 } }, (rank) => ({
    data: { train: rank === 1 ? [] : batches(2) },
    hooks: [defineHook<Told>("count", { onTrainBatchEnd: (trainer) => void steps.push(trainer.state.step) })],
  }));
  expect(ranks.map(({ error }) => error?.code)).toEqual(["ERR_RANKS", "ERR_LOADER_DATA", "ERR_RANKS", "ERR_RANKS"]);
  expect(steps).toEqual([]);
});
