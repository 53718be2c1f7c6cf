import { afterEach, describe, expect, test, vi } from "vitest";
import { ThroughputMeter } from "./throughput.js";

afterEach(() => vi.restoreAllMocks());

function clocked(windowSize?: number): { meter: ThroughputMeter; advance(ms: number): void } {
  let nowMs = 1000;
  vi.spyOn(performance, "now").mockImplementation(() => nowMs);
  return { meter: new ThroughputMeter({ windowSize }), advance: (ms) => void (nowMs += ms) };
}

const NOTHING = {
  samplesPerSecond: null,
  tokensPerSecond: null,
  batchSeconds: null,
  dataWaitSeconds: null,
  forwardSeconds: null,
  backwardSeconds: null,
  optimizerSeconds: null,
  batches: 0,
};

describe("ThroughputMeter", () => {
  test("rates by the clock", () => {
    const { meter, advance } = clocked();
    meter.startEpoch();
    for (let i = 0; i < 4; i++) {
      advance(500);
      meter.updateBatch(32, 1000);
    }
    expect(meter.getThroughput()).toEqual({
      ...NOTHING,
      samplesPerSecond: 64,
      tokensPerSecond: 2000,
      batchSeconds: 0.5,
      batches: 4,
    });
  });

  test("nothing is known at first; a first batch without a start has no time", () => {
    const { meter, advance } = clocked();
    expect(meter.getThroughput()).toEqual(NOTHING);
    meter.updateBatch(32);
    expect(meter.getThroughput()).toEqual(NOTHING);
    advance(1000);
    meter.updateBatch(32);
    expect(meter.getThroughput()).toMatchObject({ samplesPerSecond: 32, tokensPerSecond: null });
  });

  test("validation, saving and the time between epochs do not count", () => {
    const { meter, advance } = clocked();
    meter.startEpoch();
    advance(100);
    meter.updateBatch(10);
    meter.pause();
    advance(5000);
    meter.pause(); // again: no change
    advance(5000);
    meter.resume();
    meter.resume();
    advance(100);
    meter.updateBatch(10);
    advance(9000);
    meter.startEpoch();
    advance(100);
    meter.updateBatch(10);
    const { samplesPerSecond, batchSeconds, batches } = meter.getThroughput();
    expect(samplesPerSecond).toBeCloseTo(100, 9);
    expect(batchSeconds).toBeCloseTo(0.1, 12);
    expect(batches).toBe(3);
  });

  test("only the window counts", () => {
    const { meter } = clocked(3);
    for (const seconds of [100, 100, 1, 2, 3]) meter.updateBatch(6, undefined, seconds);
    expect(meter.getThroughput()).toMatchObject({ samplesPerSecond: 3, batchSeconds: 2, batches: 3 });
  });

  test("parts of a step are averaged over the batches that had them", () => {
    const { meter } = clocked();
    meter.updateBatch(1, undefined, 1, {
      dataWaitSeconds: 0,
      forwardSeconds: 0.25,
      backwardSeconds: 0.5,
      optimizerSeconds: 0.125,
    });
    meter.updateBatch(1, undefined, 1, { dataWaitSeconds: 0.5, forwardSeconds: 0.75 });
    meter.updateBatch(1, 50, 1);
    expect(meter.getThroughput()).toMatchObject({
      dataWaitSeconds: 0.25,
      forwardSeconds: 0.5,
      backwardSeconds: 0.5,
      optimizerSeconds: 0.125,
      samplesPerSecond: 1,
      tokensPerSecond: 50,
    });
  });

  test("sums of several batches, as at a log boundary; the window is kept at least full", () => {
    const { meter } = clocked(100);
    const interval = {
      batches: 50,
      samples: 100,
      tokens: 0,
      seconds: 10,
      dataWaitSeconds: 5,
      forwardSeconds: 0,
      backwardSeconds: 0,
      optimizerSeconds: 0,
    };
    meter.add({ ...interval, seconds: 1000 });
    meter.add(interval);
    meter.add({ ...interval, seconds: 30, forwardSeconds: 25 });
    expect(meter.getThroughput()).toEqual({
      ...NOTHING,
      samplesPerSecond: 5,
      batchSeconds: 0.4,
      dataWaitSeconds: 0.1,
      forwardSeconds: 0.5,
      batches: 100,
    });
    meter.add({ ...interval, batches: 0 });
    expect(meter.getThroughput().batches).toBe(100);
  });

  test("an interval larger than the window stands alone", () => {
    const { meter } = clocked(10);
    meter.updateBatch(1, undefined, 1);
    meter.add({
      batches: 50,
      samples: 50,
      tokens: 0,
      seconds: 5,
      dataWaitSeconds: 0,
      forwardSeconds: 0,
      backwardSeconds: 0,
      optimizerSeconds: 0,
    });
    expect(meter.getThroughput()).toMatchObject({ samplesPerSecond: 10, batches: 50, dataWaitSeconds: 0 });
  });

  test("batches that took no time have no rate", () => {
    const { meter } = clocked();
    meter.updateBatch(8, undefined, 0);
    expect(meter.getThroughput()).toMatchObject({ samplesPerSecond: null, batchSeconds: 0 });
  });

  test("a misspelt option is refused", () => {
    expect(() => new ThroughputMeter({ windowsize: 5 } as object)).toThrow(/Nearest: "windowSize"/);
  });

  test.each([0, -1, 1.5, NaN])("a window of %s is refused", (windowSize) => {
    expect(() => new ThroughputMeter({ windowSize })).toThrow(
      expect.objectContaining({ code: "ERR_CONFIG", path: "ThroughputMeter.windowSize" }),
    );
  });
});

test.each<{ what: string; batch: Parameters<ThroughputMeter["updateBatch"]>; says: string }>([
  { what: "samples of NaN", batch: [NaN], says: "samples is NaN" },
  { what: "samples as text", batch: ["8" as never], says: 'samples is "8"' },
  { what: "tokens below 0", batch: [8, -1], says: "tokens is -1" },
  { what: "seconds without end", batch: [8, 1, Infinity], says: "seconds is Infinity" },
  { what: "a misspelt part", batch: [8, 1, 1, { forwardSecond: 1 } as never], says: 'Nearest: "forwardSeconds"' },
  { what: "a part that is no number", batch: [8, 1, 1, { forwardSeconds: "1" } as never], says: 'forwardSeconds is "1"' },
  { what: "parts that are no object", batch: [8, 1, 1, 5 as never], says: "timings is 5" },
])("$what: refused", ({ batch, says }) => {
  const meter = new ThroughputMeter();
  expect(() => meter.updateBatch(...batch)).toThrow(
    expect.objectContaining({ code: "ERR_METRIC_VALUE", detail: expect.stringContaining(says) }),
  );
});
