/** A saved position, and what became of the loaders and the config since. */
import { describe, expect, test } from "vitest";
import type { DataLoader, LoaderSource, MultiDataLoaderConfig } from "../contract/index.js";
import { arrayLoader } from "./array-loader.js";
import { MultiDataLoader } from "./multi-data-loader.js";
import type { ArrayLoaderOptions } from "./options.js";

type Batch = readonly number[];

interface Part {
  loaders: LoaderSource<Batch>;
  config?: MultiDataLoaderConfig;
  seed?: number | undefined;
}

const range = (length: number, from = 0): number[] => Array.from({ length }, (_, i) => from + i);
const samples = (options: ArrayLoaderOptions<number>, length = 10, from = 0): DataLoader<number[]> =>
  arrayLoader(range(length, from), options);
const sorted = (values: readonly number[]): number[] => [...values].sort((a, b) => a - b);

function open({ loaders, config = {}, seed = 3 }: Part): { loader: MultiDataLoader<Batch>; warnings: string[] } {
  const warnings: string[] = [];
  const onWarning = (message: string): void => void warnings.push(message);
  return { loader: new MultiDataLoader({ loaders, config, seed, role: "train", onWarning }), warnings };
}

/** The samples of the epoch under way, at most `most` batches. */
async function take(loader: MultiDataLoader<Batch>, most = 1000): Promise<number[]> {
  const taken: number[] = [];
  for (let i = 0; i < most && (await loader.next()); i++) taken.push(...loader.batch);
  return taken;
}

/** The samples of three epochs, the run stopped after `stopAt` batches of the epoch `stopIn` and resumed as `second`. */
async function trained(first: Part, stopAt: number, second: Part, stopIn = 0): Promise<number[][]> {
  const before = open(first);
  const epochs: number[][] = [];
  for (let epoch = 0; epoch < stopIn; epoch++) {
    await before.loader.startEpoch();
    epochs.push(await take(before.loader));
  }
  await before.loader.startEpoch();
  const start = await take(before.loader, stopAt);
  const saved = structuredClone(before.loader.state());
  const after = open(second);
  await after.loader.loadState(saved);
  await after.loader.startEpoch();
  epochs.push([...start, ...(await take(after.loader))]);
  while (epochs.length < 3) {
    await after.loader.startEpoch();
    epochs.push(await take(after.loader));
  }
  expect([...before.warnings, ...after.warnings]).toEqual([]);
  return epochs;
}

describe("with another batch size, every sample of every epoch is trained once", () => {
  const sizes = [1, 2, 3, 4, 5, 7, 10, 100];
  test.each(sizes.flatMap((before) => sizes.map((now) => ({ before, now }))))("$before, then $now", async ({ before, now }) => {
    for (const shuffle of [false, true]) {
      const whole = await trained({ loaders: samples({ batchSize: 1, shuffle }) }, 1, {
        loaders: samples({ batchSize: 1, shuffle }),
      });
      for (let stopAt = 1; stopAt <= Math.ceil(10 / before); stopAt++) {
        const part = (batchSize: number): Part => ({ loaders: samples({ batchSize, shuffle }) });
        expect(await trained(part(before), stopAt, part(now))).toEqual(whole);
        expect(await trained(part(before), stopAt, part(now), 1)).toEqual(whole);
      }
    }
  });

  test("dropLast leaves out what fills no batch of the new size, and no more", async () => {
    const first = { loaders: samples({ batchSize: 2 }) };
    const [epoch] = await trained(first, 1, { loaders: samples({ batchSize: 3, dropLast: true }) });
    expect(epoch).toEqual(range(8));
    const [other] = await trained({ loaders: samples({ batchSize: 4, dropLast: true }) }, 2, {
      loaders: samples({ batchSize: 1 }),
    });
    expect(other).toEqual(range(10));
  });

  test.each<{ config: MultiDataLoaderConfig; repeats?: boolean }>([
    { config: {} },
    { config: { samplingStrategy: "roundRobin" } },
    { config: { samplingStrategy: "alternating", blockSize: 2 } },
    { config: { samplingStrategy: "proportional" } },
    { config: { samplingStrategy: "weighted", dataloaderWeights: { a: 3, b: 1 } } },
    { config: { samplingStrategy: "roundRobin", exhaustion: "stopAtLongest" }, repeats: true },
  ])("two loaders, $config", async ({ config, repeats }) => {
    const part = (batchSize: number): Part => ({
      loaders: { a: samples({ batchSize }), b: samples({ batchSize, shuffle: true }, 6, 100) },
      config,
    });
    for (const [before, now] of [
      [2, 3],
      [3, 2],
      [1, 6],
      [6, 1],
    ] as const) {
      for (const epoch of await trained(part(before), 3, part(now))) {
        expect(new Set(epoch).size).toBe(16);
        if (repeats !== true) expect(epoch).toHaveLength(16);
      }
    }
  });

  test("with batchesPerEpoch, over several epochs of one pass", async () => {
    const part = (batchSize: number): Part => ({
      loaders: samples({ batchSize, shuffle: true }, 30),
      config: { batchesPerEpoch: 2 },
    });
    const epochs = await trained(part(2), 1, part(6), 1);
    expect(epochs.map((epoch) => epoch.length)).toEqual([4, 2 + 6, 12]);
    expect(new Set(epochs.flat()).size).toBe(24);
  });

  test("a run that was resumed twice", async () => {
    const config: MultiDataLoaderConfig = { samplingStrategy: "roundRobin", exhaustion: "stopAtLongest" };
    const part = (batchSize: number): Part => ({ loaders: { a: samples({ batchSize }, 12), b: [[100]] }, config });
    const seen: number[] = [];
    let saved: unknown = null;
    for (const batchSize of [2, 5, 5, 1]) {
      const { loader, warnings } = open(part(batchSize));
      if (saved !== null) await loader.loadState(saved as never);
      await loader.startEpoch();
      seen.push(...(await take(loader, batchSize === 1 ? 1000 : 1)));
      saved = structuredClone(loader.state());
      expect(warnings).toEqual([]);
    }
    expect(sorted(seen.filter((sample) => sample < 100))).toEqual(range(12));
  });
});

describe("under another config, every sample of the epoch under way is trained once", () => {
  const loaders = (): LoaderSource<Batch> => ({
    a: samples({ batchSize: 2, shuffle: true }),
    b: samples({ batchSize: 2, shuffle: true }, 10, 100),
  });
  const all = [...range(10), ...range(10, 100)];
  const weighted: MultiDataLoaderConfig = { samplingStrategy: "weighted", dataloaderWeights: [2, 1] };

  test.each<{ name: string; now: MultiDataLoaderConfig; seed?: number }>([
    { name: "another seed", now: weighted, seed: 99 },
    { name: "another strategy", now: { samplingStrategy: "roundRobin" } },
    { name: "no strategy", now: {} },
    { name: "other weights", now: { samplingStrategy: "weighted", dataloaderWeights: [1, 9] } },
  ])("$name", async ({ now, seed }) => {
    for (let stopAt = 1; stopAt < 10; stopAt++) {
      const [epoch] = await trained({ loaders: loaders(), config: weighted }, stopAt, { loaders: loaders(), config: now, seed });
      expect(sorted(epoch as number[])).toEqual(all);
    }
  });

  test("another seed draws and shuffles the epochs after it as a new run does", async () => {
    const config = { ...weighted, batchesPerEpoch: 4 };
    const draws = async (first: number): Promise<number[]> => {
      const { loader } = open({ loaders: loaders(), config, seed: first });
      await loader.startEpoch();
      const other = open({ loaders: loaders(), config, seed: 9 }).loader;
      await other.loadState(loader.state());
      await other.startEpoch();
      const drawn: number[] = [];
      while (await other.next()) drawn.push(other.loaderIdx);
      return drawn;
    };
    expect(await draws(3)).toEqual(await draws(4));
  });

  test("stopAtShortest, where a loader has ended already: the epoch is over", async () => {
    const part = (exhaustion: "stopAtLongest" | "stopAtShortest"): Part => ({
      loaders: { a: [[1]], b: [[2], [3], [4]] },
      config: { samplingStrategy: "roundRobin", exhaustion },
    });
    const [epoch] = await trained(part("stopAtLongest"), 3, part("stopAtShortest"));
    expect(epoch).toEqual([1, 2, 1, 1, 2]); // a was found at its end before the third batch; the next epoch follows
  });
});

describe("what cannot continue at its position is refused, with both values and the way out", () => {
  const cut = (width: number): number[][] => range(10 / width).map((i) => range(width, i * width));
  const replayed = (batches: number[][]): DataLoader<number[]> => ({ batches: () => batches, length: batches.length });
  const cases: { name: string; before: LoaderSource<Batch>; now: LoaderSource<Batch>; says: RegExp }[] = [
    {
      name: "shuffle switched on",
      before: samples({ batchSize: 2 }),
      now: samples({ batchSize: 2, shuffle: true }),
      says: /with shuffle: false; now it has shuffle: true.*\n.*start a new run/,
    },
    {
      name: "shuffle switched off",
      before: samples({ batchSize: 2, shuffle: true }),
      now: samples({ batchSize: 2 }),
      says: /with shuffle: true; now it has shuffle: false/,
    },
    {
      name: "other samples",
      before: samples({ batchSize: 2 }),
      now: samples({ batchSize: 2 }, 12),
      says: /samples: 10; now it has samples: 12/,
    },
    { name: "an array of other batches", before: cut(2), now: cut(5), says: /had 5 batches .* after 1 of pass 0, and has 2 now/ },
    { name: "a loader that is read again", before: replayed(cut(2)), now: replayed(cut(1)), says: /had 5 batches .* has 10 now/ },
    { name: "an array for such a loader", before: replayed(cut(2)), now: cut(1), says: /had 5 batches .* has 10 now/ },
    {
      name: "an array for a loader of samples",
      before: samples({ batchSize: 5 }),
      now: cut(1),
      says: /had 2 batches .* has 10 now/,
    },
    { name: "other names", before: { a: cut(1) }, now: { b: cut(1) }, says: /had the loaders a; now there are b/ },
    {
      name: "one loader more",
      before: { a: cut(1) },
      now: { a: cut(1), b: cut(1) },
      says: /had the loaders a; now there are a, b/,
    },
    {
      name: "another order of names",
      before: { a: cut(1), b: cut(1) },
      now: { b: cut(1), a: cut(1) },
      says: /had the loaders a, b; now there are b, a/,
    },
  ];
  test.each(cases)("$name", async ({ before, now, says }) => {
    const first = open({ loaders: before }).loader;
    await first.startEpoch();
    await take(first, 1);
    const second = open({ loaders: now }).loader;
    const refusal = expect.objectContaining({ code: "ERR_STATE", message: expect.stringMatching(says) as unknown }) as Error;
    expect(() => second.loadState(first.state())).toThrow(refusal);
  });

  test.each(cases.slice(0, 7))("$name, between two epochs: allowed", async ({ before, now }) => {
    const first = open({ loaders: before }).loader;
    await first.startEpoch();
    await take(first);
    const over = first.state();
    await first.endEpoch();
    for (const saved of [over, first.state()]) {
      const second = open({ loaders: now }).loader;
      await second.loadState(saved);
      await second.startEpoch();
      expect((await take(second)).length).toBeGreaterThanOrEqual(10);
    }
  });
});
