/** What a source gives beside its batches, and how it is left. */
import { afterEach, describe, expect, test, vi } from "vitest";
import type { DataLoader, MultiDataLoaderConfig } from "../contract/index.js";
import { MultiDataLoader } from "./multi-data-loader.js";

interface Opened {
  loader: MultiDataLoader<unknown>;
  discarded: unknown[];
  warnings: string[];
}

function open(source: DataLoader<unknown>, config: MultiDataLoaderConfig = {}): Opened {
  const discarded: unknown[] = [];
  const warnings: string[] = [];
  const loader = new MultiDataLoader<unknown>({
    loaders: source,
    config,
    seed: 1,
    role: "train",
    discard: (batch) => void discarded.push(batch),
    onWarning: (message) => void warnings.push(message),
  });
  return { loader, discarded, warnings };
}

async function epoch({ loader }: Opened): Promise<unknown[]> {
  await loader.startEpoch();
  const batches: unknown[] = [];
  while (await loader.next()) batches.push(loader.batch);
  return batches;
}

/** An iterable whose iterator ends with `value`. */
const ending = (value: unknown): Iterable<number> => ({
  [Symbol.iterator]: () => {
    let i = 0;
    return { next: () => (i < 2 ? { done: false, value: i++ } : { done: true, value }) };
  },
});

describe("a value that comes with the end is no batch, as for `for await`: it is reported once, and disposed", () => {
  const sources: Record<string, () => Iterable<number> | AsyncIterable<number>> = {
    *"a generator"() {
      yield* [0, 1];
      return 2;
    },
    async *"an async generator"() {
      yield* [0, 1];
      return 2;
    },
    "an iterator": () => ending(2),
    "an iterator with a promise": () => ending(Promise.resolve(2)),
  };
  test.each(Object.keys(sources))("%s", async (kind) => {
    const opened = open({ batches: sources[kind] as () => Iterable<number>, length: 2 });
    expect(await epoch(opened)).toEqual([0, 1]);
    expect(await epoch(opened)).toEqual([0, 1]);
    await expect.poll(() => opened.discarded).toEqual([2, 2]);
    expect(opened.warnings).toEqual([expect.stringMatching(/"default" returned (2|a promise) when pass 0 ended.*\nYield/)]);
  });

  test.each([null, undefined])("%s is nothing", async (value) => {
    const opened = open({ batches: () => ending(value) });
    expect(await epoch(opened)).toEqual([0, 1]);
    expect([...opened.discarded, ...opened.warnings]).toEqual([]);
  });
});

describe("with batchesPerEpoch one iterator runs on", () => {
  const forms: Record<string, (pass: number) => Iterable<string> | AsyncIterable<string>> = {
    "an array": (pass) => [0, 1, 2].map((i) => `${pass}.${i}`),
    *"a generator"(pass) {
      for (let i = 0; i < 3; i++) yield `${pass}.${i}`;
    },
    async *"an async generator"(pass) {
      for (let i = 0; i < 3; i++) yield `${pass}.${i}`;
    },
    "a Set": (pass) => new Set([0, 1, 2].map((i) => `${pass}.${i}`)),
  };
  test.each(Object.keys(forms))("%s", async (form) => {
    let opened = 0;
    const make = forms[form] as (pass: number) => Iterable<string>;
    const loader = open({ batches: (pass) => (opened++, make(pass)) }, { batchesPerEpoch: 2 });
    expect([await epoch(loader), await epoch(loader), await epoch(loader)]).toEqual([
      ["0.0", "0.1"],
      ["0.2", "1.0"],
      ["1.1", "1.2"],
    ]);
    expect(opened).toBe(2);
  });

  test("it is closed once, at the end", async () => {
    const closed: number[] = [];
    const opened = open(
      {
        *batches(pass) {
          try {
            yield* [0, 1, 2, 3, 4, 5];
          } finally {
            closed.push(pass);
          }
        },
      },
      { batchesPerEpoch: 2 },
    );
    await epoch(opened);
    await opened.loader.endEpoch();
    expect(await epoch(opened)).toEqual([2, 3]);
    expect(closed).toEqual([]);
    await opened.loader.close();
    expect(closed).toEqual([0]);
  });
});

describe("a pass that is left", () => {
  afterEach(() => void vi.useRealTimers());

  const endless = (close: () => unknown): DataLoader<number> => ({
    batches: () => ({
      [Symbol.asyncIterator]: () => ({
        next: async () => ({ done: false as const, value: 1 }),
        return: close as () => Promise<IteratorResult<number>>,
      }),
    }),
  });

  test("a return() that never settles is waited for ten seconds, reported, and holds nothing up", async () => {
    const opened = open(endless(() => new Promise(() => {})));
    await opened.loader.startEpoch();
    await opened.loader.next();
    vi.useFakeTimers();
    const starting = opened.loader.startEpoch();
    await vi.advanceTimersByTimeAsync(10_000);
    await starting;
    expect(opened.warnings).toEqual([expect.stringMatching(/"default" did not close within 10000 ms/)]);
    expect(await opened.loader.next()).toBe(true);
  });

  test.each([
    {
      name: "throws",
      close: () => {
        throw new Error("disk gone");
      },
    },
    { name: "rejects", close: async () => Promise.reject(new Error("disk gone")) },
  ])("a return() that $name is an error of the loader", async ({ close }) => {
    const opened = open(endless(close));
    await opened.loader.startEpoch();
    await opened.loader.next();
    await expect((async () => opened.loader.close())()).rejects.toThrow(/Loader "default" threw while it was closed.*disk gone/);
  });

  test("a batch that comes too late is disposed", async () => {
    let give = (_batch: string): void => {};
    const opened = open({ batches: () => [new Promise<string>((resolve) => (give = resolve))] as never });
    await opened.loader.startEpoch();
    const pulling = opened.loader.next();
    await opened.loader.close();
    give("late");
    expect(await pulling).toBe(false);
    expect(opened.discarded).toEqual(["late"]);
  });

  test("left while a resume reads it again: what was read is disposed, and nothing is said of its data", async () => {
    const batches = async function* (): AsyncGenerator<number> {
      yield* [0, 1, 2, 3];
    };
    const first = open({ batches });
    await first.loader.startEpoch();
    for (let i = 0; i < 3; i++) await first.loader.next();
    const second = open({ batches });
    await second.loader.loadState(first.loader.state());
    await second.loader.startEpoch();
    const pulling = second.loader.next();
    await second.loader.close();
    expect(await pulling).toBe(false);
    expect(second.discarded).toEqual([0]);
    expect(second.warnings).toEqual([]);
  });

  test("a discard that throws is a warning", async () => {
    const warnings: string[] = [];
    const loader = new MultiDataLoader<number>({
      loaders: { batches: () => ending(2) },
      seed: 1,
      role: "train",
      discard: () => {
        throw new Error("not a tensor");
      },
      onWarning: (message) => void warnings.push(message),
    });
    await loader.startEpoch();
    while (await loader.next());
    expect(warnings).toEqual([expect.stringContaining("returned 2"), "discard threw: not a tensor"]);
  });
});

test("an iterator that is given for every pass: the error says what batches(pass) is for", async () => {
  const once = [1, 2].values();
  const opened = open({ batches: () => once });
  await epoch(opened);
  await expect(epoch(opened)).rejects.toThrow(/gave no batch in pass 1\.\s+batches\(pass\) makes new batches for each pass/);
});

describe("many loaders, and any names", () => {
  test.each(["sequential", "roundRobin", "alternating"] as const)("20,000 loaders of one batch, %s", async (samplingStrategy) => {
    const names = Array.from({ length: 20_000 }, (_, i) => `l${i}`);
    const loaders = Object.fromEntries(names.map((name) => [name, [name]]));
    const loader = new MultiDataLoader<string>({ loaders, config: { samplingStrategy }, seed: 1, role: "train" });
    expect(loader.batchesPerEpoch).toBe(20_000);
    void loader.startEpoch();
    const given: string[] = [];
    while (loader.next() === true) given.push(loader.batch); // sync: the stack does not grow with the loaders that end
    expect(given).toEqual(names);
  });

  test("names that JavaScript knows: weights, shares, resume", async () => {
    const names = ["constructor", "toString", "hasOwnProperty", "valueOf"];
    const make = (dataloaderWeights: Record<string, number>) =>
      new MultiDataLoader<string>({
        loaders: Object.fromEntries(names.map((name) => [name, [name]])),
        config: { samplingStrategy: "weighted", dataloaderWeights },
        seed: 1,
        role: "train",
      });
    const all = Object.fromEntries(names.map((name, i) => [name, i + 1]));
    const loader = make(all);
    expect(loader.expectedProportions).toEqual([0.1, 0.2, 0.3, 0.4]);
    void loader.startEpoch();
    expect(loader.next()).toBe(true);
    const resumed = make(all);
    await resumed.loadState(loader.state());
    void resumed.startEpoch();
    const rest: string[] = [];
    while (resumed.next() === true) rest.push(resumed.batch);
    expect([loader.batch, ...rest].sort()).toEqual([...names].sort());
    expect(() => make({ constructor: 1 })).toThrow(/No weight for toString, hasOwnProperty, valueOf/);
  });
});
