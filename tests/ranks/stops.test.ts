/** Ranks leave together: after the same step, or at the end of the same epoch, whichever rank requested it and however uneven their data is. */
import { describe, expect, test } from "vitest";
import type { Metrics, ProcessGroup, RunControl, RunInfo } from "../../src/contract/index.js";
import { defineHook, type TrainerHooks } from "../../src/hooks/trainer-hooks.js";
import { Progress } from "../../src/trainer/progress.js";
import { StopDecision, type StopRequest } from "../../src/trainer/stop.js";
import { inMemoryGroups } from "../support/in-memory-group.js";
import { MemoryBackend } from "../support/memory-backend.js";
import { batches, trainWorld, type RankEnd, type Told, type WorldEnd } from "./world.js";

const where = ({ ranks }: WorldEnd): unknown[] =>
  ranks.map(({ result, error }) => error ?? [result?.status, result?.reason, result?.epochs, result?.steps]);
const same = (...values: unknown[]): unknown[] => [values, values, values, values];

/** Asks for a stop when a step was made, on one rank only. */
function stopper(step: number, options: { force?: boolean } = {}): TrainerHooks<Told> {
  return defineHook<Told>("stopper", {
    onTrainBatchEnd: (trainer) => void (trainer.state.step === step && trainer.requestStop("enough", options)),
  });
}

/** A backend with a page that has a stop button. */
class Page extends MemoryBackend {
  starts = 0;
  #control: RunControl | undefined;

  start(_run: RunInfo, control: RunControl): void {
    this.starts++;
    this.#control = control;
  }

  override logMetrics(metrics: Metrics, step: number): void {
    super.logMetrics(metrics, step);
    if (step === 4) this.#control?.requestStop("from the page");
  }
}

describe("a stop requested by one rank", () => {
  test.each([0, 1, 3])("from a hook of rank %i: all leave after the same step, that of the next vote", async (requesting) => {
    const world = await trainWorld({ maxEpochs: 3, ranks: { syncEveryNSteps: 4 } }, (rank) => ({
      data: { train: batches(20) },
      hooks: rank === requesting ? [stopper(5)] : [],
    }));
    expect(where(world)).toEqual(same("stopped", "enough", 0, 8));
  });

  test("votes come with every log boundary where syncEveryNSteps is not given", async () => {
    const world = await trainWorld({ logging: { logEveryNSteps: 3 } }, (rank) => ({
      data: { train: batches(20) },
      hooks: rank === 2 ? [stopper(4)] : [],
    }));
    expect(where(world)).toEqual(same("stopped", "enough", 0, 6));
  });

  test("at the epoch's end: the epoch's hooks still run, on all ranks", async () => {
    const ended: [number, number][] = [];
    const world = await trainWorld({ maxEpochs: 5 }, (rank) => ({
      data: { train: batches(3) },
      hooks: [
        defineHook<Told>("end", {
          onEpochEnd: (_trainer, epoch) => void ended.push([rank, epoch]),
          ...(rank === 1 ? { onCheckpoint: (trainer) => trainer.requestStop("epoch over") } : {}),
        }),
      ],
    }));
    expect(where(world)).toEqual(same("stopped", "epoch over", 1, 3));
    expect(ended).toHaveLength(4);
    expect(ended).toEqual(
      expect.arrayContaining([
        [0, 0],
        [1, 0],
        [2, 0],
        [3, 0],
      ]),
    );
  });

  test("from early stopping on one rank's own values", async () => {
    const config = {
      maxEpochs: 10,
      hooks: { enableEarlyStoppingHook: true, earlyStoppingConfig: { monitor: "train/loss", patience: 1 } },
    };
    // Rank 3 never gains; the others gain in every epoch.
    const world = await trainWorld(config, (rank) => {
      let pass = 0;
      return {
        data: { train: { data: { batches: () => batches(2, { from: rank === 3 ? 1 : 100 - 10 * pass++ }), length: 2 } } },
      };
    });
    const reasons = world.ranks.map(({ result }) => result?.reason);
    expect(new Set(reasons).size).toBe(1);
    expect(world.ranks.map(({ result }) => [result?.status, result?.epochs, result?.steps])).toEqual(same("stopped", 2, 4));
  });

  test("from a backend, which only rank 0 has", async () => {
    const world = await trainWorld({ maxEpochs: 3, minEpochs: 2 }, () => ({ data: { train: batches(20) }, backend: new Page() }));
    // What is logged at step 4 is seen by the vote of that step.
    expect(where(world)).toEqual(same("stopped", "from the page", 0, 4));
    expect(world.ranks.map(({ backend }) => (backend as Page).starts)).toEqual([1, 0, 0, 0]);
  });

  test("an interruption of one rank", async () => {
    const controller = new AbortController();
    const world = await trainWorld({ maxEpochs: 3, ranks: { syncEveryNSteps: 5 } }, (rank) => ({
      data: { train: batches(20) },
      ...(rank === 2 ? { signal: controller.signal } : {}),
      hooks:
        rank === 2
          ? [
              defineHook<Told>("aborter", {
                onTrainBatchEnd: (trainer) => void (trainer.state.step === 6 && controller.abort(new RangeError("enough"))),
              }),
            ]
          : [],
    }));
    expect(where(world)).toEqual(same("interrupted", "enough", 0, 10));
    expect(world.summary).toMatchObject({ status: "interrupted", reason: "enough", steps: 10 });
  });

  test("the strongest of several requests wins, on all ranks", async () => {
    const controller = new AbortController();
    const world = await trainWorld({ maxEpochs: 3, ranks: { syncEveryNSteps: 4 } }, (rank) => ({
      data: { train: batches(20) },
      ...(rank === 3 ? { signal: controller.signal } : {}),
      hooks: [
        defineHook<Told>("requester", {
          onTrainBatchEnd(trainer) {
            if (trainer.state.step !== 2) return;
            if (rank === 0) trainer.requestStop("a decider");
            if (rank === 3) controller.abort(new RangeError("a signal"));
          },
        }),
      ],
    }));
    expect(where(world)).toEqual(same("interrupted", "a signal", 0, 4));
  });
});

describe("the lower limits hold on all ranks alike", () => {
  test("minEpochs drops a decider's request on every rank", async () => {
    const world = await trainWorld({ maxEpochs: 4, minEpochs: 2, ranks: { syncEveryNSteps: 2 } }, (rank) => ({
      data: { train: batches(4) },
      hooks: rank === 1 ? [stopper(2), stopper(10)] : [],
    }));
    expect(where(world)).toEqual(same("stopped", "enough", 2, 10));
  });

  test("a forced stop does not wait for minEpochs", async () => {
    const world = await trainWorld({ maxEpochs: 4, minEpochs: 2, ranks: { syncEveryNSteps: 2 } }, (rank) => ({
      data: { train: batches(4) },
      hooks: rank === 1 ? [stopper(3, { force: true })] : [],
    }));
    expect(where(world)).toEqual(same("stopped", "enough", 0, 4));
  });

  test("minSteps is judged alike where the ranks' steps differ", async () => {
    // Epoch 0 has 6 steps on rank 0 and 2 on the others: later votes find them at different steps.
    const world = await trainWorld({ maxEpochs: 6, minSteps: 7, ranks: { syncEveryNSteps: 2 } }, (rank) => ({
      data: { train: batches(rank === 0 ? 6 : 2) },
      hooks:
        rank === 0
          ? [
              defineHook<Told>("requester", {
                onCheckpoint: (trainer, epoch) => void (epoch === 1 && trainer.requestStop("second epoch")),
              }),
            ]
          : [],
    }));
    expect(world.ranks.map(({ error }) => error)).toEqual([null, null, null, null]);
    expect(world.ranks.map(({ result }) => [result?.status, result?.epochs])).toEqual(same("stopped", 2));
    expect(world.ranks.map(({ result }) => result?.steps)).toEqual([12, 4, 4, 4]);
  });
});

describe("ranks with uneven numbers of batches", () => {
  const uneven = (rank: number): number => [9, 4, 7, 5][rank] as number;
  const ended = ({ ranks }: WorldEnd): unknown[] => ranks.map(({ result, error }) => error ?? [result?.status, result?.epochs]);
  const stepsOf = (ranks: readonly RankEnd[]): unknown[] => ranks.map(({ result }) => result?.steps);

  test("epochs end together, and every rank trains on all of its batches", async () => {
    const world = await trainWorld({ maxEpochs: 3, ranks: { syncEveryNSteps: 2 } }, (rank) => ({
      data: { train: batches(uneven(rank)), validation: batches(2) },
    }));
    expect(ended(world)).toEqual(same("completed", 3));
    expect(stepsOf(world.ranks)).toEqual([27, 12, 21, 15]);
  });

  test("a rank that still trains requests a stop: those that wait for it leave too", async () => {
    const world = await trainWorld({ maxEpochs: 3, ranks: { syncEveryNSteps: 2 } }, (rank) => ({
      data: { train: batches(uneven(rank)) },
      hooks: rank === 0 ? [stopper(7)] : [],
    }));
    expect(ended(world)).toEqual(same("stopped", 0));
    expect(stepsOf(world.ranks)).toEqual([8, 4, 7, 5]);
  });

  test("a rank that waits is interrupted: those that still train leave too", async () => {
    const controller = new AbortController();
    const world = await trainWorld({ maxEpochs: 3, ranks: { syncEveryNSteps: 2 } }, (rank) => ({
      data: { train: batches(uneven(rank)) },
      ...(rank === 1 ? { signal: controller.signal } : {}),
      hooks:
        rank === 0
          ? [
              defineHook<Told>("aborter", {
                onTrainBatchEnd: (trainer) => void (trainer.state.step === 5 && controller.abort(new RangeError("enough"))),
              }),
            ]
          : [],
    }));
    expect(ended(world)).toEqual(same("interrupted", 0));
    expect(world.ranks.map(({ result }) => result?.reason)).toEqual(["enough", "enough", "enough", "enough"]);
  });

  test("maxSteps ends the run on all ranks after the same epoch", async () => {
    const world = await trainWorld({ maxEpochs: 10, maxSteps: 12, ranks: { syncEveryNSteps: 3 } }, (rank) => ({
      data: { train: batches(uneven(rank)) },
    }));
    expect(ended(world)).toEqual(same("completed", 2));
    expect(stepsOf(world.ranks)).toEqual([12, 8, 12, 10]);
  });
});

test("epoch and step are equal on all ranks in every hook method, where their batches are even", async () => {
  const seen: string[][] = [[], [], [], []];
  await trainWorld({ maxEpochs: 2, ranks: { syncEveryNSteps: 2 } }, (rank) => ({
    data: { train: batches(5), validation: batches(1) },
    hooks: [
      defineHook<Told>("watch", {
        onTrainBatchEnd: ({ state }) => void seen[rank]?.push(`batch ${state.epoch} ${state.step}`),
        onValidationEnd: ({ state }) => void seen[rank]?.push(`validation ${state.epoch} ${state.step}`),
        onEpochEnd: ({ state }) => void seen[rank]?.push(`epoch ${state.epoch} ${state.step}`),
      }),
    ],
  }));
  expect(seen[0]).toHaveLength(14);
  expect(seen.slice(1)).toEqual([seen[0], seen[0], seen[0]]);
});

test("a request that is made while the ranks vote is not lost with the one that was voted down", async () => {
  const limits = { minEpochs: 1, minSteps: 0, syncEveryNSteps: 1, timeoutMs: 1000 };
  const dropped: string[] = [];
  const stops = inMemoryGroups(2).map(
    (group: ProcessGroup) => new StopDecision(limits, group, ({ reason }: StopRequest) => void dropped.push(reason)),
  );
  const progress = new Progress();
  progress.step = 1;
  stops[0]?.request({ reason: "a decider", kind: "decider" });
  const voting = Promise.all(stops.map((stop) => stop.afterStep(progress)));
  stops[1]?.request({ reason: "a signal", kind: "interrupted" });
  expect(await voting).toEqual([false, false]);
  expect(dropped).toEqual(["a decider", "a decider"]);
  progress.step = 2;
  expect(await Promise.all(stops.map((stop) => stop.afterStep(progress)))).toEqual([true, true]);
  expect(stops.map(({ agreed }) => agreed?.reason)).toEqual(["a signal", "a signal"]);
});
