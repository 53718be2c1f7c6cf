/**
 * The contract of a process group. Every implementation's test calls `testProcessGroup` with the way to open all ranks of
 * a group, in this process or through something that stands for the others.
 */
import { describe, expect, test } from "vitest";
import type { MaybePromise, ProcessGroup } from "../../src/contract/index.js";

export interface ProcessGroupSubject {
  name: string;
  worldSizes: readonly number[];
  /** A new group: its ranks, in rank order. */
  open: (worldSize: number) => MaybePromise<readonly ProcessGroup[]>;
}

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);

export function testProcessGroup(subject: ProcessGroupSubject): void {
  describe.each(subject.worldSizes)(`process group contract: ${subject.name}, world of %i`, (worldSize) => {
    const open = async (): Promise<readonly ProcessGroup[]> => subject.open(worldSize);
    /** Every rank does it at the same time; what each got, in rank order. */
    const all = async <T>(work: (group: ProcessGroup) => MaybePromise<T>): Promise<T[]> => {
      const groups = await open();
      const got = await Promise.all(groups.map(async (group) => work(group)));
      await Promise.all(groups.map(async (group) => group.close()));
      return got;
    };
    const ranks = Array.from({ length: worldSize }, (_, rank) => rank);

    test("every rank knows its number and the size of the world", async () => {
      expect(await all(({ rank, worldSize: size }) => [rank, size])).toEqual(ranks.map((rank) => [rank, worldSize]));
    });

    test.each([
      { op: "sum", expected: [ranks.reduce((sum, rank) => sum + rank + 1, 0), -3 * worldSize, 0.5 * worldSize] },
      { op: "min", expected: [1, -3, 0.5] },
      { op: "max", expected: [worldSize, -3, 0.5] },
    ] as const)("allReduce $op goes element by element, and leaves the input alone", async ({ op, expected }) => {
      const got = await all(async (group) => {
        const values = Float64Array.of(group.rank + 1, -3, 0.5);
        const reduced = await group.allReduce(values, op);
        const own = [...values];
        reduced.fill(99); // the result belongs to the caller
        return { own, reduced, again: [...(await group.allReduce(values, op))] };
      });
      got.forEach(({ own, again }, rank) => {
        expect(own).toEqual([rank + 1, -3, 0.5]);
        expect(again).toEqual(expected);
      });
    });

    test("allReduce has the same bits on every rank, in the order of ranks", async () => {
      const values = [0.1, 0.2, 0.3, 1e16, -1e16, 3e-17];
      const got = await all(async (group) => [
        ...(await group.allReduce(
          Float64Array.from(values, (value) => value * (group.rank + 1)),
          "sum",
        )),
      ]);
      const expected = values.map((value) => ranks.map((rank) => value * (rank + 1)).reduce((sum, next) => sum + next));
      expect(got).toEqual(ranks.map(() => expected));
    });

    test("NaN and infinities pass", async () => {
      const got = await all(async (group) => [...(await group.allReduce(Float64Array.of(NaN, Infinity, -Infinity), "sum"))]);
      expect(got).toEqual(ranks.map(() => [NaN, Infinity, -Infinity]));
    });

    test("an empty array is reduced to an empty array", async () => {
      expect(await all(async (group) => (await group.allReduce(new Float64Array(0), "max")).length)).toEqual(ranks.map(() => 0));
    });

    test.each(ranks)("broadcast gives everybody the bytes of rank %i", async (root) => {
      const got = await all(async (group) => [...(await group.broadcast(bytes(group.rank, 255, 0), root))]);
      expect(got).toEqual(ranks.map(() => [root, 255, 0]));
    });

    test("gather gives everybody everybody's bytes, in rank order, of any length", async () => {
      const got = await all(async (group) =>
        (await group.gather(new Uint8Array(group.rank).fill(group.rank))).map((part) => [...part]),
      );
      const expected = ranks.map((rank) => Array.from({ length: rank }, () => rank));
      expect(got).toEqual(ranks.map(() => expected));
    });

    test("nobody passes a barrier before the last has come", async () => {
      const events: string[] = [];
      await all(async (group) => {
        for (let turn = 0; turn < group.rank; turn++) await new Promise((resolve) => setImmediate(resolve));
        events.push("comes");
        await group.barrier();
        events.push("passes");
      });
      expect(events).toEqual([...ranks.map(() => "comes"), ...ranks.map(() => "passes")]);
    });

    test("many operations in a row keep their order, also when ranks are of different speed", async () => {
      const got = await all(async (group) => {
        const seen: number[] = [];
        for (let i = 0; i < 30; i++) {
          if (i % (group.rank + 2) === 0) await new Promise((resolve) => setImmediate(resolve));
          if (i % 3 === 0) seen.push((await group.allReduce(Float64Array.of(i), "max"))[0] as number);
          else if (i % 3 === 1) seen.push((await group.broadcast(bytes(i), i % worldSize))[0] as number);
          else seen.push((await group.gather(bytes(i))).reduce((sum, part) => sum + (part[0] as number), 0));
        }
        return seen;
      });
      const expected = Array.from({ length: 30 }, (_, i) => (i % 3 === 2 ? i * worldSize : i));
      expect(got).toEqual(ranks.map(() => expected));
    });

    test("closing twice is closing once", async () => {
      const groups = await open();
      for (const group of groups) await group.close();
      await expect(Promise.all(groups.map(async (group) => group.close()))).resolves.toBeDefined();
    });

    if (worldSize > 1) testAbsence(open, worldSize);
  });
}

/** What a rank learns of one that does not come. */
function testAbsence(open: () => Promise<readonly ProcessGroup[]>, worldSize: number): void {
  const refused = expect.objectContaining({ code: "ERR_RANKS" }) as unknown;
  const OPERATIONS: Readonly<
    Record<string, (group: ProcessGroup, bounds?: { timeoutMs?: number; signal?: AbortSignal }) => MaybePromise<unknown>>
  > = {
    allReduce: (group, bounds) => group.allReduce(Float64Array.of(1), "sum", bounds),
    broadcast: (group, bounds) => group.broadcast(bytes(1), 0, bounds),
    gather: (group, bounds) => group.gather(bytes(1), bounds),
    barrier: (group, bounds) => group.barrier(bounds),
  };
  const last = worldSize - 1;

  test.each(Object.keys(OPERATIONS))(
    "%s gives up on a rank that does not come: ERR_RANKS after timeoutMs, on all others",
    async (operation) => {
      const groups = await open();
      const waiting = groups.slice(0, last).map(async (group) => OPERATIONS[operation]?.(group, { timeoutMs: 30 }));
      for (const outcome of await Promise.allSettled(waiting))
        expect(outcome).toMatchObject({ status: "rejected", reason: refused });
    },
  );

  test.each(Object.keys(OPERATIONS))("%s gives up when it is aborted", async (operation) => {
    const groups = await open();
    const controller = new AbortController();
    const waiting = OPERATIONS[operation]?.(groups[0] as ProcessGroup, { signal: controller.signal }) as Promise<unknown>;
    controller.abort();
    await expect(waiting).rejects.toEqual(refused);
  });

  test("a rank that has left is an error for those who wait for it", async () => {
    const groups = await open();
    const waiting = groups.slice(0, last).map(async (group) => group.barrier({ timeoutMs: 5000 }));
    await groups[last]?.close();
    for (const outcome of await Promise.allSettled(waiting))
      expect(outcome).toMatchObject({ status: "rejected", reason: refused });
  });

  test("ranks that call different operations are told, all of them", async () => {
    const groups = await open();
    const calls = groups.map(async (group) =>
      group.rank === 0 ? group.barrier({ timeoutMs: 5000 }) : group.gather(bytes(1), { timeoutMs: 5000 }),
    );
    for (const outcome of await Promise.allSettled(calls)) expect(outcome).toMatchObject({ status: "rejected", reason: refused });
  });
}
