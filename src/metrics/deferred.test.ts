import { describe, expect, test } from "vitest";
import fc from "fast-check";
import { ScalarFactory } from "../../tests/support/deferred.js";
import { MetricsManager } from "./metrics-manager.js";

const make = (maxPendingScalars = 256) => new MetricsManager({ loaders: ["a", "b"], maxPendingScalars });
const once = (scalars: ScalarFactory) => scalars.made.map(() => 1);

describe("deferred scalars", () => {
  test("nothing is read before a boundary; then each once, in step order, and disposed once", () => {
    const scalars = new ScalarFactory();
    const manager = make();
    for (let i = 0; i < 5; i++)
      void manager.update(i % 2, { loss: scalars.make(i), batchSize: 1, metrics: { f1: scalars.make(10 + i) } }, i + 1, i);
    expect(scalars.reads).toEqual([]);
    expect(manager.drain()).toBeUndefined();
    expect(scalars.reads).toEqual([0, 10, 1, 11, 2, 12, 3, 13, 4, 14]);
    expect(scalars.disposeCounts).toEqual(once(scalars));
    expect(manager.compute()).toMatchObject({ global: { loss: 2, f1: 12 }, perLoader: { a: { loss: 2 }, b: { loss: 2 } } });
    expect(manager.lastValues()).toEqual({ loss: 4, f1: 14 });
  });

  test("the interval of draining changes no bit, with numbers and deferred values mixed", async () => {
    const steps = fc.array(
      fc.record({
        loader: fc.nat(1),
        batchSize: fc.integer({ min: 1, max: 100 }),
        loss: fc.double(),
        f1: fc.option(fc.double(), { nil: undefined }),
        lossHow: fc.constantFrom("number" as const, "sync" as const, "async" as const),
        f1How: fc.constantFrom("number" as const, "sync" as const, "async" as const),
      }),
      { maxLength: 30 },
    );
    await fc.assert(
      fc.asyncProperty(
        steps,
        fc.integer({ min: 1, max: 12 }),
        fc.integer({ min: 1, max: 5 }),
        async (table, interval, maxPending) => {
          const scalars = new ScalarFactory();
          const plain = make();
          const deferred = make(maxPending);
          for (const [i, row] of table.entries()) {
            const scalar = (value: number, how: "number" | "sync" | "async") =>
              how === "number" ? value : scalars.make(value, how);
            const { loader, batchSize, loss, f1 } = row;
            void plain.update(loader, { loss, batchSize, ...(f1 === undefined ? {} : { metrics: { f1 } }) }, i, i);
            await deferred.update(
              loader,
              {
                loss: scalar(loss, row.lossHow),
                batchSize,
                ...(f1 === undefined ? {} : { metrics: { f1: scalar(f1, row.f1How) } }),
              },
              i,
              i,
            );
            if (i % 3 === 0) await deferred.awaitReads(["loss"]);
            const readable = i % 4 === 0 && f1 !== undefined && row.f1How !== "async";
            expect(readable ? deferred.view()["f1"] : f1).toBe(f1);
            if ((i + 1) % interval === 0) await deferred.drain();
          }
          await deferred.drain();
          expect(deferred.state()).toEqual(plain.state());
          expect(deferred.lastValues()).toEqual(plain.lastValues());
          expect(deferred.consumeNonFinite()).toEqual(plain.consumeNonFinite());
          expect(scalars.readCounts).toEqual(once(scalars));
          expect(scalars.disposeCounts).toEqual(once(scalars));
        },
      ),
    );
  });

  test("a hook that reads the view reads the device once, however often it reads the view", () => {
    const scalars = new ScalarFactory();
    const manager = make();
    void manager.update(0, { loss: scalars.make(0.5), batchSize: 1, metrics: { f1: scalars.make(0.25) } }, 1, 0);
    const view = manager.view();
    expect([view["loss"], view["loss"], view["loss"]]).toEqual([0.5, 0.5, 0.5]);
    expect(scalars.readCounts).toEqual([1, 0]);
    void manager.drain();
    expect(scalars.readCounts).toEqual([1, 1]);
    expect(scalars.disposeCounts).toEqual([1, 1]);
    expect(view["loss"]).toBe(0.5);
  });

  test("an asynchronous one cannot be read by a getter, unless it was awaited before", async () => {
    const scalars = new ScalarFactory();
    const manager = make();
    void manager.update(0, { loss: scalars.make(0.5, "async"), batchSize: 1 }, 7, 0);
    expect(() => manager.view()["loss"]).toThrow(expect.objectContaining({ code: "ERR_SCALAR_ASYNC" }));
    expect(() => manager.view()["loss"]).toThrow('reads = ["loss"]');
    await manager.awaitReads(["loss", "nothing"]);
    expect(manager.view()["loss"]).toBe(0.5);
    expect(manager.awaitReads(["loss"])).toBeUndefined();
    await manager.drain();
    expect(scalars.readCounts).toEqual([1]);
    expect(scalars.disposeCounts).toEqual([1]);
  });

  test("at most maxPendingScalars steps are held", async () => {
    const scalars = new ScalarFactory();
    const manager = make(3);
    for (let i = 0; i < 3; i++) expect(manager.update(0, { loss: scalars.make(i), batchSize: 1 }, i, i)).toBeUndefined();
    expect(scalars.reads).toEqual([]);
    expect(manager.update(0, { loss: scalars.make(3), batchSize: 1 }, 3, 3)).toBeUndefined();
    expect(scalars.reads).toEqual([0, 1, 2]);

    const later = make(2);
    for (let i = 0; i < 2; i++) void later.update(0, { loss: scalars.make(i, "async"), batchSize: 1 }, i, i);
    const full = later.update(0, { loss: scalars.make(9, "async"), batchSize: 1 }, 2, 2);
    expect(full).toBeInstanceOf(Promise);
    await full;
    await later.drain();
    expect(later.compute().global).toEqual({ loss: 10 / 3 });
  });

  test("one object under two names is read once and disposed once", () => {
    const scalars = new ScalarFactory();
    const manager = make();
    const shared = scalars.make(0.5);
    void manager.update(0, { loss: shared, batchSize: 1, metrics: { total: shared, f1: scalars.make(1) } }, 1, 0);
    expect(manager.view()["total"]).toBe(0.5);
    void manager.drain();
    expect(manager.compute().global).toEqual({ loss: 0.5, total: 0.5, f1: 1 });
    expect(scalars.readCounts).toEqual([1, 1]);
    expect(scalars.disposeCounts).toEqual([1, 1]);
  });

  test.each(["throws", "rejects", "notANumber", "disposeThrows"] as const)(
    "a value that %s: the error names it, everything is disposed once",
    async (how) => {
      const scalars = new ScalarFactory();
      const manager = make();
      void manager.update(0, { loss: scalars.make(1), batchSize: 1 }, 1, 0);
      void manager.update(
        1,
        { loss: scalars.make(2), batchSize: 1, metrics: { f1: scalars.make(3, how), f2: scalars.make(4) } },
        2,
        1,
      );
      void manager.update(0, { loss: scalars.make(5), batchSize: 1 }, 3, 2);
      const draining = (async () => manager.drain())();
      await expect(draining).rejects.toMatchObject({ code: how === "notANumber" ? "ERR_STEP_RESULT" : "ERR_STEP" });
      await expect(draining).rejects.toThrow(/"f1" of step 2 \(loader b\)/);
      manager.dispose();
      expect(scalars.disposeCounts).toEqual(once(scalars));
      expect(scalars.readCounts.every((count) => count <= 1)).toBe(true);
      expect(manager.drain()).toBeUndefined();
    },
  );

  test("a refused result is disposed all the same, once, and pending steps stay", () => {
    const scalars = new ScalarFactory();
    const manager = make();
    void manager.update(0, { loss: scalars.make(1), batchSize: 1 }, 1, 0);
    const shared = scalars.make(2);
    expect(() =>
      manager.update(0, { loss: shared, batchSize: 1, metrics: { x: shared, y: scalars.make(3), z: "no" as never } }, 2, 1),
    ).toThrow(/z is "no"/);
    expect(() => manager.update(0, { loss: scalars.make(4), batchSize: 0 }, 3, 2)).toThrow(/batchSize is 0/);
    expect(scalars.disposeCounts).toEqual([0, 1, 1, 1]);
    void manager.drain();
    expect(manager.compute().global).toEqual({ loss: 1 });
    expect(scalars.disposeCounts).toEqual(once(scalars));
  });

  test("dispose lets go of everything without reading, and never throws", () => {
    const scalars = new ScalarFactory();
    const manager = make();
    void manager.update(0, { loss: scalars.make(1, "disposeThrows"), batchSize: 1 }, 1, 0);
    void manager.update(0, { loss: scalars.make(2), batchSize: 1 }, 2, 1);
    expect(() => manager.dispose()).not.toThrow();
    manager.dispose();
    expect(scalars.readCounts).toEqual([0, 0]);
    expect(scalars.disposeCounts).toEqual([1, 1]);
  });

  test("a read under way when everything is disposed frees its own scalar and touches no later step", async () => {
    const scalars = new ScalarFactory();
    const manager = make();
    void manager.update(0, { loss: scalars.make(1, "async"), batchSize: 1 }, 1, 0);
    const reading = manager.awaitReads(["loss"]);
    manager.dispose();
    for (let i = 0; i < 2; i++) void manager.update(0, { loss: 7, batchSize: 1 }, 2 + i, 1 + i);
    await reading;
    expect(scalars.disposeCounts).toEqual([1]);
    expect(manager.view()["loss"]).toBe(7);
    expect(manager.compute().global).toEqual({ loss: 7 });
  });

  test("when a full queue cannot be drained, the result that waited is disposed too", async () => {
    for (const how of ["throws", "rejects"] as const) {
      const scalars = new ScalarFactory();
      const manager = make(1);
      void manager.update(0, { loss: scalars.make(1, how), batchSize: 1 }, 1, 0);
      await expect((async () => manager.update(0, { loss: scalars.make(2), batchSize: 1 }, 2, 1))()).rejects.toMatchObject({
        code: "ERR_STEP",
      });
      expect(scalars.disposeCounts).toEqual([1, 1]);
    }
  });

  test("the last drained step stays readable while later ones wait", () => {
    const scalars = new ScalarFactory();
    const manager = make(2);
    void manager.update(0, { loss: 1, batchSize: 1 }, 1, 0);
    void manager.update(0, { loss: scalars.make(2), batchSize: 1 }, 2, 1);
    void manager.update(0, { loss: scalars.make(3), batchSize: 1 }, 3, 2);
    expect(manager.lastValues()).toEqual({ loss: 1 });
    expect(() => manager.compute()).toThrow(/drain\(\) before compute/);
    expect(() => manager.state()).toThrow(/2 steps/);
    void manager.drain();
    expect(manager.lastValues()).toEqual({ loss: 3 });
  });
});
