import { describe, expect, test } from "vitest";
import type { AggregationStrategy, ProcessGroup } from "../contract/index.js";
import { ScalarFactory } from "../../tests/support/deferred.js";
import { inMemoryGroups } from "../../tests/support/in-memory-group.js";
import { MetricsManager } from "./metrics-manager.js";

const alone: ProcessGroup = {
  rank: 0,
  worldSize: 1,
  allReduce: (values) => values.slice(),
  broadcast: (bytes) => bytes,
  gather: (bytes) => [bytes],
  barrier: () => {},
  close: () => {},
};

/** Rank r's batches: r + 1 of them, every second one of loader b, losses and sizes that differ. */
function ranks(config = {}): MetricsManager[] {
  return [0, 1, 2, 3].map((rank) => {
    const manager = new MetricsManager({ loaders: ["a", "b"], config, expectedProportions: [0.5, 0.5] });
    for (let i = 0; i <= rank; i++)
      void manager.update(i % 2, { loss: rank + i / 8, batchSize: i + 1, metrics: { f1: rank * i } }, i + 1, i);
    return manager;
  });
}

/** The same batches in one manager. */
function together(config = {}): MetricsManager {
  const manager = new MetricsManager({ loaders: ["a", "b"], config, expectedProportions: [0.5, 0.5] });
  for (let rank = 0; rank < 4; rank++) {
    for (let i = 0; i <= rank; i++)
      void manager.update(i % 2, { loss: rank + i / 8, batchSize: i + 1, metrics: { f1: rank * i } }, i + 1, i);
  }
  return manager;
}

async function reduceAll(managers: readonly MetricsManager[]): Promise<PromiseSettledResult<MetricsManager>[]> {
  const groups = inMemoryGroups(managers.length);
  return Promise.allSettled(
    managers.map(async (manager, rank) => manager.reduce(groups[rank] as ProcessGroup, { timeoutMs: 5000 })),
  );
}

async function failures(managers: readonly MetricsManager[]): Promise<unknown[]> {
  return (await reduceAll(managers)).map((result): unknown => (result.status === "rejected" ? result.reason : "resolved"));
}

describe("over ranks", () => {
  test.each<AggregationStrategy>(["weightedAverage", "simpleAverage", "sum", "max", "min"])(
    "%s: every rank gets what one rank with all batches has",
    async (aggregationStrategy) => {
      const results = await reduceAll(ranks({ aggregationStrategy }));
      const expected = together({ aggregationStrategy }).compute();
      for (const result of results) {
        if (result.status === "rejected") throw result.reason;
        expect(result.value.compute()).toEqual(expected);
      }
      expect(expected.proportions["b"]).toEqual({ batches: 0.4, divergence: expect.closeTo(0.1, 12) as number });
    },
  );

  test("a rank's own sums stay as they were", async () => {
    const managers = ranks();
    const before = managers.map((manager) => manager.compute());
    await reduceAll(managers);
    expect(managers.map((manager) => manager.compute())).toEqual(before);
  });

  test("NaN on one rank is NaN on all", async () => {
    const managers = ranks({ perMetric: { f1: "max" } });
    void managers[2]?.update(0, { loss: NaN, batchSize: 1, metrics: { f1: NaN } }, 9, 9);
    for (const result of await reduceAll(managers)) {
      if (result.status === "rejected") throw result.reason;
      expect(result.value.compute().global).toEqual({ loss: NaN, f1: NaN });
    }
  });

  test("pending deferred values are drained first", async () => {
    const scalars = new ScalarFactory();
    const managers = ranks();
    void managers[1]?.update(0, { loss: scalars.make(2, "async"), batchSize: 1, metrics: { f1: scalars.make(1) } }, 9, 9);
    expect((await reduceAll(managers)).every((result) => result.status === "fulfilled")).toBe(true);
    expect(scalars.disposeCounts).toEqual([1, 1]);
  });

  test("alone it is a copy, without a promise", () => {
    const manager = together();
    const reduced = manager.reduce(alone);
    expect(reduced).toBeInstanceOf(MetricsManager);
    expect((reduced as MetricsManager).compute()).toEqual(manager.compute());
  });

  test("the order in which ranks met their metrics does not matter, nor a loader that a rank had no batch of", async () => {
    const managers = ranks().slice(0, 2);
    const third = new MetricsManager({ loaders: ["a", "b"] });
    void third.update(1, { loss: 1, batchSize: 1, metrics: { f1: 1 } }, 1, 0);
    expect((await failures([...managers, third])).filter((failure) => failure !== "resolved")).toEqual([]);
  });

  test("different metric names: every rank throws with the rank, the loader and the names", async () => {
    const managers = ranks();
    void managers[2]?.update(1, { loss: 1, batchSize: 1, metrics: { accuracy: 1 } }, 9, 9);
    const errors = await failures(managers);
    for (const error of errors) {
      expect(error).toMatchObject({ code: "ERR_RANKS" });
      expect(String(error)).toContain('loader "b"');
      expect(String(error)).toContain("Only on rank 1: nothing. Only on rank 2: accuracy");
    }
  });

  test("different aggregations of one metric are refused", async () => {
    const managers = ranks();
    const other = new MetricsManager({ loaders: ["a", "b"], config: { perMetric: { f1: "sum" } } });
    void other.update(0, { loss: 1, batchSize: 1, metrics: { f1: 1 } }, 1, 0);
    for (const error of await failures([managers[0] as MetricsManager, other]))
      expect(String(error)).toMatch(/Only on rank 0: f1\. Only on rank 1: f1 \(sum\)/);
  });

  test("different loaders are refused", async () => {
    const other = new MetricsManager({ loaders: ["a", "c"] });
    for (const error of await failures([ranks()[0] as MetricsManager, other])) {
      expect(error).toMatchObject({ code: "ERR_RANKS" });
      expect(String(error)).toContain("rank 0 has a, b; rank 1 has a, c");
    }
  });

  test.each(["throws", "rejects"] as const)(
    "a rank whose last value %s keeps its own error, the others do not hang",
    async (how) => {
      const managers = ranks();
      void managers[3]?.update(0, { loss: new ScalarFactory().make(1, how), batchSize: 1, metrics: { f1: 1 } }, 9, 9);
      const errors = await failures(managers);
      expect(errors[3]).toMatchObject({ code: "ERR_STEP" });
      for (const error of errors.slice(0, 3)) {
        expect(error).toMatchObject({ code: "ERR_RANKS" });
        expect(String(error)).toContain("Rank 3 could not give its metrics");
      }
    },
  );

  test("a rank that never comes is an error within the time given", async () => {
    const groups = inMemoryGroups(2);
    const waiting = (async () => (ranks()[0] as MetricsManager).reduce(groups[0] as ProcessGroup, { timeoutMs: 20 }))();
    await expect(waiting).rejects.toMatchObject({ code: "ERR_RANKS" });
    await expect(waiting).rejects.toThrow(/missing: rank 1/);
  });
});

describe("ranks in memory", () => {
  test("every operation, on every rank", async () => {
    const groups = inMemoryGroups(3);
    const results = await Promise.all(
      groups.map(async (group) => ({
        sum: [...(await group.allReduce(Float64Array.of(group.rank, 1), "sum"))],
        max: [...(await group.allReduce(Float64Array.of(group.rank), "max"))],
        min: [...(await group.allReduce(Float64Array.of(group.rank), "min"))],
        broadcast: [...(await group.broadcast(Uint8Array.of(group.rank), 2))],
        gather: (await group.gather(Uint8Array.of(group.rank))).map((bytes) => bytes[0]),
        barrier: await group.barrier(),
      })),
    );
    for (const result of results)
      expect(result).toEqual({ sum: [3, 3], max: [2], min: [0], broadcast: [2], gather: [0, 1, 2], barrier: undefined });
  });

  test("ranks that call different operations all throw", async () => {
    const [a, b, c] = inMemoryGroups(3) as [ProcessGroup, ProcessGroup, ProcessGroup];
    const calls = await Promise.allSettled([a.barrier(), b.gather(new Uint8Array(1)), c.barrier()]);
    for (const call of calls) expect(call).toMatchObject({ status: "rejected", reason: { code: "ERR_RANKS" } });
  });

  test("a rank that leaves, or an abort, ends the wait", async () => {
    const [a, b] = inMemoryGroups(2) as [ProcessGroup, ProcessGroup];
    const waiting = a.barrier();
    await b.close();
    await expect(waiting).rejects.toThrow(/Rank 1 has left/);
    const [c] = inMemoryGroups(2) as [ProcessGroup];
    await expect(c.barrier({ signal: AbortSignal.abort() })).rejects.toThrow(/aborted/);
  });
});
