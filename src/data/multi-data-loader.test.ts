import { describe, expect, test } from "vitest";
import fc from "fast-check";
import type { LoaderSource, MultiDataLoaderConfig } from "../contract/index.js";
import { labelled, SOURCE_KINDS } from "../../tests/support/loaders.js";
import type { SourceKind } from "../../tests/support/loaders.js";
import { MultiDataLoader } from "./multi-data-loader.js";

function make<Batch>(
  loaders: LoaderSource<Batch>,
  config: MultiDataLoaderConfig = {},
  seed = 1,
  rank = 0,
): MultiDataLoader<Batch> {
  return new MultiDataLoader({ loaders, config, seed, rank, role: "train" });
}

/** The batches of an epoch, at most `most`. */
async function epoch<Batch>(loader: MultiDataLoader<Batch>, most = 10_000): Promise<Batch[]> {
  await loader.startEpoch();
  return rest(loader, most);
}

async function rest<Batch>(loader: MultiDataLoader<Batch>, most = 10_000): Promise<Batch[]> {
  const batches: Batch[] = [];
  while (batches.length < most && (await loader.next())) batches.push(loader.batch);
  return batches;
}

/** Arrays of batches that are their loader's letter: a sequence reads as a word. */
function letters(lengths: Record<string, number>): LoaderSource<string> {
  return Object.fromEntries(Object.entries(lengths).map(([name, count]) => [name, Array.from({ length: count }, () => name)]));
}

describe("strategies and exhaustion, written out", () => {
  // `then`: the next epoch, where it is not the same again
  test.each<{ config: MultiDataLoaderConfig; lengths: Record<string, number>; order: string; then?: string }>([
    { config: {}, lengths: { a: 2, b: 3 }, order: "aabbb" },
    { config: { exhaustion: "stopAtShortest" }, lengths: { a: 2, b: 3 }, order: "aa" },
    { config: { exhaustion: "stopAtLongest" }, lengths: { a: 2, b: 3 }, order: "aabbb" },
    { config: { batchesPerEpoch: 3 }, lengths: { a: 2, b: 3 }, order: "aab", then: "bba" },
    { config: { batchesPerEpoch: 8 }, lengths: { a: 2, b: 3 }, order: "aabbbaab", then: "bbaabbba" },
    { config: { samplingStrategy: "roundRobin" }, lengths: { a: 2, b: 4, c: 1 }, order: "abcabbb" },
    { config: { samplingStrategy: "roundRobin", exhaustion: "stopAtShortest" }, lengths: { a: 3, b: 3 }, order: "ababab" },
    { config: { samplingStrategy: "roundRobin", exhaustion: "stopAtShortest" }, lengths: { a: 3, b: 2 }, order: "ababa" },
    { config: { samplingStrategy: "roundRobin", exhaustion: "stopAtShortest" }, lengths: { a: 2, b: 3 }, order: "abab" },
    { config: { samplingStrategy: "roundRobin", exhaustion: "stopAtLongest" }, lengths: { a: 3, b: 3 }, order: "ababab" },
    { config: { samplingStrategy: "roundRobin", exhaustion: "stopAtLongest" }, lengths: { a: 1, b: 3 }, order: "ababab" },
    {
      config: { samplingStrategy: "roundRobin", batchesPerEpoch: 7 },
      lengths: { a: 1, b: 2 },
      order: "abababa",
      then: "bababab",
    },
    { config: { samplingStrategy: "alternating", blockSize: 2 }, lengths: { a: 5, b: 3 }, order: "aabbaaba" },
    {
      config: { samplingStrategy: "alternating", blockSize: 3, exhaustion: "stopAtShortest" },
      lengths: { a: 9, b: 4 },
      order: "aaabbbaaab",
    },
    {
      config: { samplingStrategy: "alternating", blockSize: 2, exhaustion: "stopAtLongest" },
      lengths: { a: 3, b: 1 },
      order: "aabba",
    },
    { config: { samplingStrategy: "proportional" }, lengths: { a: 4, b: 2 }, order: "abaaba" },
    { config: { samplingStrategy: "proportional" }, lengths: { a: 1, b: 5 }, order: "bbabbb" },
    { config: { samplingStrategy: "proportional", exhaustion: "stopAtLongest" }, lengths: { a: 2, b: 1 }, order: "aba" },
    { config: { samplingStrategy: "proportional", exhaustion: "stopAtShortest" }, lengths: { a: 2, b: 1 }, order: "aba" },
    {
      config: { samplingStrategy: "alternating", blockSize: 2, batchesPerEpoch: 3 },
      lengths: { a: 3, b: 3 },
      order: "aab",
      then: "baa",
    },
    { config: { samplingStrategy: "proportional", batchesPerEpoch: 2 }, lengths: { a: 2, b: 1 }, order: "ab", then: "aa" },
    { config: { samplingStrategy: "proportional", batchesPerEpoch: 6 }, lengths: { a: 2, b: 1 }, order: "abaaba" },
    { config: { samplingStrategy: "weighted" }, lengths: { a: 4 }, order: "aaaa" },
  ])("$config over $lengths: $order", async ({ config, lengths, order, then = order }) => {
    const loader = make(letters(lengths), config);
    expect((await epoch(loader)).join("")).toBe(order);
    expect(loader.batchesPerEpoch).toBe(order.length);
    expect((await epoch(loader)).join("")).toBe(then);
  });

  test("the planned number of batches is the real one wherever it is known", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 4 }),
        fc.constantFrom("sequential", "roundRobin", "alternating", "weighted", "proportional"),
        fc.constantFrom("stopAtShortest", "stopAtLongest", "stopAtAll"),
        fc.integer({ min: 1, max: 4 }),
        fc.option(fc.integer({ min: 1, max: 40 }), { nil: undefined }),
        async (lengths, samplingStrategy, exhaustion, blockSize, batchesPerEpoch) => {
          const named = letters(Object.fromEntries(lengths.map((length, i) => ["abcd".charAt(i), length])));
          const loader = make(named, {
            samplingStrategy,
            exhaustion: batchesPerEpoch === undefined ? exhaustion : undefined,
            blockSize: samplingStrategy === "alternating" ? blockSize : undefined,
            batchesPerEpoch,
          });
          const given = await epoch(loader);
          const random = samplingStrategy === "weighted" && lengths.length > 1;
          const planned = random && exhaustion !== "stopAtAll" && batchesPerEpoch === undefined ? null : given.length;
          expect(loader.batchesPerEpoch).toBe(planned);
          const whole = lengths.every((length, i) => given.filter((name) => name === "abcd".charAt(i)).length >= length);
          expect(whole || exhaustion === "stopAtShortest" || batchesPerEpoch !== undefined).toBe(true);
          const total = lengths.reduce((a, b) => a + b);
          expect(exhaustion === "stopAtAll" && batchesPerEpoch === undefined ? given.length : total).toBe(total);
        },
      ),
    );
  });

  test("sources of unknown length give the same order, ends are found when they are reached", async () => {
    for (const exhaustion of ["stopAtShortest", "stopAtAll"] as const) {
      const known = make(
        { a: labelled("a", { kind: "sync", batches: 3 }), b: labelled("b", { kind: "sync", batches: 5 }) },
        { samplingStrategy: "roundRobin", exhaustion },
      );
      const unknown = make(
        {
          a: labelled("a", { kind: "sync", batches: 3, sized: false }),
          b: labelled("b", { kind: "async", batches: 5, sized: false }),
        },
        { samplingStrategy: "roundRobin", exhaustion },
      );
      expect(unknown.batchesPerEpoch).toBeNull();
      expect(await epoch(unknown)).toEqual(await epoch(known));
    }
  });
});

describe("weighted", () => {
  const endless = (): LoaderSource<string> => letters({ a: 10, b: 10, c: 10 });
  const config = {
    samplingStrategy: "weighted",
    dataloaderWeights: { a: 0.5, b: 0.3, c: 0.2 },
    batchesPerEpoch: 20_000,
  } as const;

  test("the realised shares come to the weights", async () => {
    const given = await epoch(make(endless(), config), 20_000);
    const share = (name: string): number => given.filter((batch) => batch === name).length / given.length;
    expect(share("a")).toBeCloseTo(0.5, 1.5);
    expect(share("b")).toBeCloseTo(0.3, 1.5);
    expect(share("c")).toBeCloseTo(0.2, 1.5);
  });

  test("one seed and rank, one sequence; another seed, rank or epoch, another", async () => {
    const first = make(endless(), { ...config, batchesPerEpoch: 60 });
    const sequence = await epoch(first);
    expect(await epoch(make(endless(), { ...config, batchesPerEpoch: 60 }))).toEqual(sequence);
    expect(await epoch(make(endless(), { ...config, batchesPerEpoch: 60 }, 2))).not.toEqual(sequence);
    expect(await epoch(make(endless(), { ...config, batchesPerEpoch: 60 }, 1, 1))).not.toEqual(sequence);
    expect(await epoch(first)).not.toEqual(sequence);
  });

  test("a loader of weight 0 is never drawn and not waited for", async () => {
    for (const exhaustion of ["stopAtShortest", "stopAtLongest", "stopAtAll"] as const) {
      const loader = make(letters({ a: 2, b: 9 }), { samplingStrategy: "weighted", dataloaderWeights: [1, 0], exhaustion });
      expect((await epoch(loader, 50)).join("")).toBe("aa");
      expect(loader.batchesPerEpoch).toBe(2);
      const resumed = make(letters({ a: 2, b: 9 }), { samplingStrategy: "weighted", dataloaderWeights: [1, 0], exhaustion });
      await epoch(loader, 1);
      await resumed.loadState(loader.state());
      expect((await epoch(resumed, 50)).join("")).toBe("a");
    }
  });

  test("stopAtAll gives every batch; after a loader drops out the others share its weight", async () => {
    const given = await epoch(
      make(letters({ a: 1, b: 300, c: 300 }), { samplingStrategy: "weighted", dataloaderWeights: [98, 1, 1] }),
    );
    expect(given.length).toBe(601);
    const early = given.slice(0, 400).filter((name) => name === "b").length;
    expect(early).toBeGreaterThan(140);
    expect(early).toBeLessThan(260);
  });
});

describe("expected proportions", () => {
  test.each<{ config: MultiDataLoaderConfig; shares: number[] | null }>([
    { config: { samplingStrategy: "weighted", dataloaderWeights: [3, 1] }, shares: [0.75, 0.25] },
    { config: { samplingStrategy: "weighted" }, shares: [0.5, 0.5] },
    { config: { samplingStrategy: "roundRobin" }, shares: [0.5, 0.5] },
    { config: { samplingStrategy: "alternating", blockSize: 3 }, shares: [0.5, 0.5] },
    { config: { samplingStrategy: "proportional" }, shares: [0.2, 0.8] },
    { config: {}, shares: [0.2, 0.8] },
    { config: { exhaustion: "stopAtShortest" }, shares: [1, 0] },
    { config: { batchesPerEpoch: 4 }, shares: [0.2, 0.8] },
  ])("$config", ({ config, shares }) => {
    expect(make(letters({ a: 2, b: 8 }), config).expectedProportions).toEqual(shares);
  });

  test("not known where a length is not", () => {
    expect(make({ a: labelled("a", { kind: "sync", batches: 3, sized: false }), b: ["x"] }).expectedProportions).toBeNull();
  });
});

describe("what the config and the loaders must agree on", () => {
  const endless = labelled("e", { kind: "sync", batches: 0, infinite: true });
  test.each<{ loaders: LoaderSource<string>; config?: MultiDataLoaderConfig; role?: "validation"; says: string }>([
    {
      loaders: { a: ["x"], b: ["y"], c: ["z"] },
      config: { samplingStrategy: "weighted", dataloaderWeights: [1, 1] },
      says: "2 weights for 3 loaders: a, b, c",
    },
    { loaders: { e: endless, b: ["y"] }, says: 'never gets to "b"' },
    { loaders: { b: ["y"], e: endless }, role: "validation", says: '"e" is infinite' },
    { loaders: { b: ["y"], e: endless }, config: { samplingStrategy: "proportional" }, says: '"e" is infinite' },
    {
      loaders: { a: labelled("a", { kind: "sync", batches: 2, sized: false }) },
      config: { samplingStrategy: "proportional" },
      says: '"a" has none',
    },
  ])("$says", ({ loaders, config = {}, role, says }) => {
    const call = (): unknown => new MultiDataLoader({ loaders, config, seed: 1, role: role === "validation" ? role : "train" });
    expect(call).toThrow(says);
    expect(call).toThrow(expect.objectContaining({ code: "ERR_LOADER_DATA" }));
  });

  test.each<{ config?: unknown; more?: object; path: string; says: string }>([
    { config: { batchesPerEpoch: 0 }, path: "config.batchesPerEpoch", says: "Found 0." },
    { config: { samplingStrategy: "alternating", blockSize: 0.5 }, path: "config.blockSize", says: "Found 0.5." },
    { config: { samplingStrategy: "random" }, path: "config.samplingStrategy", says: '"weighted", "roundRobin"' },
    { config: { dataloaderWeights: [0, 0] }, path: "config.dataloaderWeights", says: "At least one weight must be above 0" },
    { config: { dataloaderWeights: [-1, 1] }, path: "config.dataloaderWeights[0]", says: "Found -1." },
    { config: { dataloaderWeights: [1, NaN] }, path: "config.dataloaderWeights[1]", says: "Found NaN." },
    { config: { dataloaderWeights: { a: Infinity } }, path: "config.dataloaderWeights.a", says: "Found Infinity." },
    { config: { exhausted: "stopAtAll" }, path: "config.exhausted", says: 'Nearest: "exhaustion"' },
    {
      config: { batchesPerEpoch: 4, exhaustion: "stopAtLongest" },
      path: "config.exhaustion",
      says: "With batchesPerEpoch: 4 every epoch has that many batches",
    },
    { config: { weights: [1, 1] }, path: "config.weights", says: "dataloaderWeights" },
    { config: { batches_per_epoch: 3 }, path: "config.batches_per_epoch", says: 'Nearest: "batchesPerEpoch"' },
    { more: { batchSize: 3 }, path: "batchSize", says: "batchSize is an option of tfjsLoader and arrayLoader" },
    { more: { size: 3 }, path: "size", says: "loaders, config, seed" },
    { more: { seed: 0.5 }, path: "seed", says: "Allowed: an integer." },
    { more: { rank: -1 }, path: "rank", says: "Found -1." },
    { more: { role: "test" }, path: "role", says: '"train", "validation"' },
    { more: { onwarnings: () => {} }, path: "onwarnings", says: 'Nearest: "onWarning"' },
  ])("$path: $says", ({ config, more, path, says }) => {
    const options = { loaders: { a: ["x"], b: ["y"] }, config, seed: 1, role: "train", ...more };
    const call = (): unknown => new MultiDataLoader(options as never);
    expect(call).toThrow(expect.objectContaining({ code: "ERR_CONFIG", path: `MultiDataLoader.${path}` }));
    expect(call).toThrow(says);
  });

  test("validation goes through every batch of every loader and does not look at the train config", async () => {
    const loader = new MultiDataLoader({
      loaders: letters({ a: 2, b: 3 }),
      config: {
        samplingStrategy: "weighted",
        dataloaderWeights: [1],
        batchesPerEpoch: 1,
      },
      seed: 1,
      role: "validation",
    });
    expect((await epoch(loader)).join("")).toBe("aabbb");
    expect(loader.batchesPerEpoch).toBe(5);
    expect((await epoch(loader)).join("")).toBe("aabbb");
  });
});

describe("sync and async", () => {
  test("arrays and sync sources never make a promise", () => {
    const loader = make({ a: ["1", "2"], b: labelled("b", { kind: "sync", batches: 2 }) }, { samplingStrategy: "roundRobin" });
    expect(loader.startEpoch()).toBeUndefined();
    const given: unknown[] = [];
    for (let got = loader.next(); got !== false; got = loader.next()) {
      expect(got).toBe(true);
      given.push([loader.names[loader.loaderIdx], loader.batch]);
    }
    expect(given).toEqual([
      ["a", "1"],
      ["b", "b0.0"],
      ["a", "2"],
      ["b", "b0.1"],
    ]);
    expect(loader.endEpoch()).toBeUndefined();
    expect(loader.close()).toBeUndefined();
  });

  test("mixed with async ones, and with sync ones that give promises", async () => {
    const loader = make(
      {
        a: ["1", "2"],
        b: labelled("b", { kind: "async", batches: 3 }),
        c: labelled("c", { kind: "syncOfPromises", batches: 1 }),
      },
      { samplingStrategy: "roundRobin" },
    );
    expect(await epoch(loader)).toEqual(["1", "b0.0", "c0.0", "2", "b0.1", "b0.2"]);
  });

  test("a batch is pulled when next() is called, never before", () => {
    let pulled = 0;
    function* counting(): Generator<number> {
      for (;;) yield ++pulled;
    }
    const loader = make<number>({ batches: counting, length: Infinity });
    void loader.startEpoch();
    expect(pulled).toBe(0);
    for (let i = 1; i <= 3; i++) {
      void loader.next();
      expect(pulled).toBe(i);
    }
  });
});

describe("passes", () => {
  test("each epoch is a new pass; batchesPerEpoch cuts or goes round; infinite loaders are started once", async () => {
    const loaders = {
      f: labelled("f", { kind: "sync", batches: 2 }),
      i: labelled("i", { kind: "sync", batches: 0, infinite: true }),
    };
    const loader = make(loaders, { samplingStrategy: "roundRobin", batchesPerEpoch: 3 });
    expect(await epoch(loader)).toEqual(["f0.0", "i0.0", "f0.1"]);
    expect(await epoch(loader)).toEqual(["i0.1", "f1.0", "i0.2"]);
    const cycling = make(loaders, { samplingStrategy: "roundRobin", batchesPerEpoch: 6 });
    expect(await epoch(cycling)).toEqual(["f0.0", "i0.0", "f0.1", "i0.1", "f1.0", "i0.2"]);
  });

  test("an epoch does not wait for infinite loaders", async () => {
    for (const exhaustion of ["stopAtLongest", "stopAtAll"] as const) {
      const loaders = {
        f: labelled("f", { kind: "sync", batches: 2 }),
        i: labelled("i", { kind: "sync", batches: 0, infinite: true }),
      };
      const given = await epoch(make(loaders, { samplingStrategy: "roundRobin", exhaustion }), 50);
      expect(given.length).toBeLessThan(6);
      expect(given.filter((batch) => batch.startsWith("f"))).toEqual(["f0.0", "f0.1"]);
    }
  });

  test("a single infinite loader continues for as long as batches are pulled", async () => {
    const loader = make({ e: labelled("e", { kind: "async", batches: 0, infinite: true }) });
    expect(loader.batchesPerEpoch).toBeNull();
    expect((await epoch(loader, 100)).length).toBe(100);
  });

  test("unfinished iterators are closed at the end of an epoch, infinite ones only by close()", async () => {
    const closed: string[] = [];
    const open = (name: string, length: number) => ({
      length,
      *batches(pass: number): Generator<number> {
        try {
          for (let i = 0; i < length; i++) yield i;
        } finally {
          closed.push(`${name}${pass}`);
        }
      },
    });
    const loader = make({ a: open("a", 5), b: open("b", Infinity), c: open("c", 5) }, { samplingStrategy: "roundRobin" });
    await epoch(loader, 2);
    await loader.endEpoch();
    expect(closed).toEqual(["a0"]); // c was never begun
    await epoch(loader, 3);
    await loader.close();
    expect(closed).toEqual(["a0", "a1", "b0", "c0"]);
    expect(await loader.next()).toBe(false);
  });

  test("close() does not wait for a batch that never comes", async () => {
    const loader = make<number>({
      async *batches() {
        yield 1;
        await new Promise(() => {});
      },
    });
    await loader.startEpoch();
    await loader.next();
    void loader.next();
    expect(await loader.close()).toBeUndefined();
  });

  test("the seed is given once, before the first pass", async () => {
    const calls: string[] = [];
    const loader = make<number>({
      seed: (seed) => void calls.push(`seed ${seed}`),
      batches: (pass) => (calls.push(`pass ${pass}`), [1]),
    });
    expect(calls).toEqual([]);
    await epoch(loader);
    await epoch(loader);
    expect(calls).toEqual(["seed 1", "pass 0", "pass 1"]);
  });
});

describe("bad sources", () => {
  const boom = new Error("disk gone");
  const failing: Record<string, unknown> = {
    "throws in batches()": {
      batches: () => {
        throw boom;
      },
    },
    "throws in the middle": {
      *batches() {
        yield 1;
        throw boom;
      },
    },
    "rejects in the middle": {
      async *batches() {
        yield 1;
        throw boom;
      },
    },
    "yields a promise that rejects": {
      *batches() {
        yield 1;
        yield Promise.reject(boom);
      },
    },
    "next() throws": {
      batches: () => ({
        [Symbol.iterator]: () => ({
          next() {
            throw boom;
          },
        }),
      }),
    },
    "throws in seed()": {
      seed() {
        throw boom;
      },
      batches: () => [1],
    },
  };
  test.each(Object.keys(failing))("%s: ERR_LOADER with the loader's name and the cause", async (what) => {
    const loader = make<number>({ good: [1, 2], bad: failing[what] as { batches(): Iterable<number> } });
    const error = await epoch(loader).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: "ERR_LOADER", path: "train.bad", cause: boom });
    expect(String(error)).toContain('"bad"');
    expect(String(error)).toContain(what.includes("middle") ? "in pass 0 at batch 1: disk gone" : "disk gone");
  });

  test.each([
    { name: "a number", batches: () => 5, says: "returned 5, which" },
    { name: "nothing", batches: () => undefined, says: "returned undefined" },
    { name: "a promise", batches: async () => [1], says: "a promise" },
    { name: "a bare iterator", batches: () => ({ next: () => ({ done: true, value: 0 }) }), says: "cannot be iterated" },
    {
      name: "next() without a result",
      batches: () => ({ [Symbol.iterator]: () => ({ next: () => 7 }) }),
      says: "next() returned 7",
    },
  ])("batches() gives $name", async ({ batches, says }) => {
    await expect(epoch(make<number>({ a: { batches: batches as never } }))).rejects.toThrow(says);
    await expect(epoch(make<number>({ a: { batches: batches as never } }))).rejects.toMatchObject({ code: "ERR_LOADER" });
  });

  test("a source that gives nothing is named, not gone round for ever", async () => {
    for (const batches of [() => [], async function* () {}]) {
      const loader = make<number>({ a: [1], b: { batches } }, { samplingStrategy: "roundRobin", batchesPerEpoch: 10 });
      await expect(epoch(loader)).rejects.toMatchObject({ code: "ERR_LOADER_DATA", path: "train.b" });
    }
  });

  test("a source that ends before or after its length: its real end counts, and it is reported once", async () => {
    const warnings: string[] = [];
    const loader = new MultiDataLoader({
      loaders: { short: { batches: () => [1, 2], length: 4 }, long: { batches: () => [1, 2, 3], length: 2 } },
      seed: 1,
      role: "train",
      onWarning: (message) => warnings.push(message),
    });
    expect(await epoch(loader)).toEqual([1, 2, 1, 2, 3]);
    expect(await epoch(loader)).toHaveLength(5);
    expect(warnings).toEqual([expect.stringMatching(/"short".*4.*gave 2/), expect.stringMatching(/"long".*2.*gave 3/)]);
  });

  test("a listener that throws or rejects does not end the epoch", async () => {
    const failing = [
      () => {
        throw boom;
      },
      () => Promise.reject(boom),
    ];
    for (const onWarning of failing) {
      const loader = new MultiDataLoader({
        loaders: { batches: () => [1, 2], length: 3 },
        seed: 1,
        role: "train",
        onWarning: onWarning as () => void,
      });
      expect(await epoch(loader)).toEqual([1, 2]);
    }
  });

  test("an infinite source that ends drops out and is reported", async () => {
    const warnings: string[] = [];
    const loader = new MultiDataLoader({
      loaders: { a: { batches: () => [1, 2], length: Infinity }, b: [3, 3, 3] },
      config: { samplingStrategy: "roundRobin" },
      seed: 1,
      role: "train",
      onWarning: (message) => warnings.push(message),
    });
    expect(await epoch(loader)).toEqual([1, 3, 2, 3, 3]);
    expect(warnings).toEqual([expect.stringContaining("Infinity")]);
  });

  test("every iterator is closed also when closing one of them throws", async () => {
    const closed: string[] = [];
    const close = (name: string, fails: boolean): void => {
      closed.push(name);
      if (fails) throw boom;
    };
    const source = (name: string, fails: boolean) => ({
      *batches() {
        try {
          yield 1;
          yield 2;
        } finally {
          close(name, fails);
        }
      },
    });
    const loader = make<number>({ a: source("a", true), b: source("b", false) }, { samplingStrategy: "roundRobin" });
    await epoch(loader, 2);
    expect(() => loader.endEpoch()).toThrow(expect.objectContaining({ code: "ERR_LOADER", cause: boom }));
    expect(closed).toEqual(["a", "b"]);
  });
});

describe("resume", () => {
  const kinds = SOURCE_KINDS.flatMap((kind): { kind: SourceKind; stateful: boolean }[] =>
    kind === "array"
      ? [{ kind, stateful: false }]
      : [
          { kind, stateful: false },
          { kind, stateful: true },
        ],
  );
  const sources = fc.array(
    fc.record({
      form: fc.constantFrom(...kinds),
      batches: fc.integer({ min: 1, max: 6 }),
      sized: fc.boolean(),
      infinite: fc.boolean(),
    }),
    { minLength: 1, maxLength: 3 },
  );
  const configs = fc.record({
    samplingStrategy: fc.constantFrom(
      "sequential" as const,
      "roundRobin" as const,
      "alternating" as const,
      "weighted" as const,
      "proportional" as const,
    ),
    exhaustion: fc.constantFrom("stopAtShortest" as const, "stopAtLongest" as const, "stopAtAll" as const),
    blockSize: fc.integer({ min: 1, max: 3 }),
    batchesPerEpoch: fc.option(fc.integer({ min: 1, max: 12 }), { nil: undefined }),
  });

  test("at any point of any epoch, what follows is what would have come", async () => {
    await fc.assert(
      fc.asyncProperty(sources, configs, fc.nat(20), fc.nat(2), async (forms, config, stop, epochs) => {
        const proportional = config.samplingStrategy === "proportional";
        const endless = config.samplingStrategy !== "sequential" && !proportional;
        const build = (): MultiDataLoader<string> => {
          const loaders = Object.fromEntries(
            forms.map(({ form, batches, sized, infinite }, i) => {
              const name = "abc".charAt(i);
              return [
                name,
                labelled(name, {
                  ...form,
                  batches,
                  sized: sized || proportional,
                  infinite: endless && infinite && form.kind !== "array",
                }),
              ];
            }),
          );
          const blockSize = config.samplingStrategy === "alternating" ? config.blockSize : undefined;
          const exhaustion = config.batchesPerEpoch === undefined ? config.exhaustion : undefined;
          return make<string>(loaders, { ...config, blockSize, exhaustion });
        };
        const first = build();
        for (let i = 0; i < epochs; i++) {
          await epoch(first, 30);
          await first.endEpoch();
        }
        const over = (await epoch(first, stop)).length < stop; // then the next epoch is what follows
        const saved = structuredClone(first.state());
        const expected = [over ? await epoch(first, 30) : await rest(first, 30), await epoch(first, 30)];

        const second = build();
        await second.loadState(saved);
        await second.startEpoch();
        expect(over ? saved : second.state()).toEqual(saved);
        expect([await rest(second, 30), await epoch(second, 30)]).toEqual(expected);
      }),
      { numRuns: 400 },
    );
  });

  test("at the boundary of an epoch, the next one begins", async () => {
    const build = () => make({ a: labelled("a", { kind: "sync", batches: 3 }), b: ["x", "y"] }, { samplingStrategy: "weighted" });
    const first = build();
    await epoch(first);
    const over = first.state(); // next() said false
    await first.endEpoch();
    const ended = first.state();
    const expected = await epoch(first);
    expect(expected).toContain("a1.0");
    for (const saved of [over, ended]) {
      const second = build();
      await second.loadState(saved);
      expect(await epoch(second)).toEqual(expected);
    }
  });

  test("loaders without a state of their own are named, and what is read to get past is handed back", async () => {
    const discarded: string[] = [];
    const build = () =>
      new MultiDataLoader<string>({
        loaders: {
          a: ["1"],
          b: labelled("b", { kind: "async", batches: 4 }),
          c: labelled("c", { kind: "sync", batches: 4, stateful: true }),
        },
        seed: 1,
        role: "train",
        discard: (batch) => discarded.push(batch),
      });
    const first = build();
    expect(first.replayed).toEqual(["b"]);
    await epoch(first, 3);
    const second = build();
    await second.loadState(first.state());
    expect(await epoch(second, 2)).toEqual(["b0.2", "b0.3"]);
    expect(discarded).toEqual(["b0.0", "b0.1"]);
  });

  test("a replayed source that has become shorter is refused", async () => {
    const first = make<number>({ a: { batches: () => [1, 2, 3] } });
    await epoch(first, 3);
    const second = make<number>({ a: { batches: () => [1, 2] } });
    await second.loadState(first.state());
    await expect(epoch(second)).rejects.toMatchObject({ code: "ERR_STATE" });
  });

  test("other loaders than the saved ones are refused; another strategy begins anew", async () => {
    const first = make(letters({ a: 2, b: 2 }));
    await epoch(first, 1);
    const saved = first.state();
    const refused = make(letters({ a: 2, c: 2 }));
    expect(() => refused.loadState(saved)).toThrow(expect.objectContaining({ code: "ERR_STATE" }));
    expect(() => refused.loadState(saved)).toThrow("a, b; now there are a, c");
    const changed = make(letters({ a: 2, b: 2 }), { samplingStrategy: "roundRobin" });
    await changed.loadState(saved);
    expect((await epoch(changed)).join("")).toBe("abb");
  });

  test.each([
    null,
    5,
    {},
    { names: ["default"], loaders: [{}], finished: [0] },
    { names: ["default"], loaders: [], finished: [] },
  ])("a state that is not one: %j", (state) => {
    expect(() => make(["x"]).loadState(state as never)).toThrow(expect.objectContaining({ code: "ERR_STATE" }));
  });

  test("a loader whose loadState throws or rejects", async () => {
    const cause = new Error("old format");
    const build = (loadState: () => void | Promise<void>) => make<number>({ batches: () => [1], state: () => null, loadState });
    const saved = build(() => {}).state();
    expect(() =>
      build(() => {
        throw cause;
      }).loadState(saved),
    ).toThrow(expect.objectContaining({ code: "ERR_LOADER", cause }));
    await expect(build(() => Promise.reject(cause)).loadState(saved)).rejects.toMatchObject({ code: "ERR_LOADER", cause });
  });
});
