import { describe, expect, test } from "vitest";
import type { CheckpointInfo } from "../contract/index.js";
import { SaveQueue } from "./save-queue.js";

/** Saves that end with `finish`; `log` has what happened, in order. */
function controlled(): {
  queue: SaveQueue;
  log: string[];
  finish: () => Promise<void>;
  save: (step: number, important?: boolean) => void;
} {
  const log: string[] = [];
  const ends: (() => void)[] = [];
  const queue = new SaveQueue(async (job) => {
    log.push(`copy ${job.at.step}`);
    job.captured();
    await new Promise<void>((resolve) => ends.push(resolve));
    job.settle({ name: String(job.at.step) } as CheckpointInfo);
  });
  return {
    queue,
    log,
    save(step, important) {
      const { captured, committed } = queue.add({ model: {} }, { epoch: 0, step, important });
      void captured.then(() => log.push(`captured ${step}`));
      void committed.then((info) => log.push(info === "superseded" ? `superseded ${step}` : `committed ${step}`));
    },
    async finish() {
      ends.shift()?.();
      for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
    },
  };
}

async function ends({ queue, finish, log }: ReturnType<typeof controlled>): Promise<string[]> {
  while (queue.busy) await finish();
  return log.filter((line) => /^(committed|superseded)/.test(line));
}

describe("one save runs at a time", () => {
  test("an idle queue copies at once", () => {
    const { save, log, queue } = controlled();
    save(1);
    expect(log).toEqual(["copy 1"]);
    expect(queue.busy).toBe(true);
  });

  test("an important one waits its turn, and is copied then", async () => {
    const saves = controlled();
    saves.save(1);
    saves.save(2);
    await Promise.resolve(); // a turn
    expect(saves.log).toEqual(["copy 1", "captured 1"]);
    await saves.finish();
    expect(saves.log).toEqual(["copy 1", "captured 1", "committed 1", "copy 2", "captured 2"]);
    await saves.finish();
    expect(saves.queue.busy).toBe(false);
  });
});

test.each<{ name: string; saves: [number, boolean][]; ends: string[] }>([
  {
    name: "important ones are never lost",
    saves: [
      [1, true],
      [2, true],
      [3, true],
    ],
    ends: ["committed 1", "committed 2", "committed 3"],
  },
  {
    name: "of the others the newest waits",
    saves: [
      [1, false],
      [2, false],
      [3, false],
      [4, false],
    ],
    ends: ["superseded 2", "superseded 3", "committed 1", "committed 4"],
  },
  {
    name: "an important one replaces one that is not",
    saves: [
      [1, false],
      [2, false],
      [3, true],
    ],
    ends: ["superseded 2", "committed 1", "committed 3"],
  },
  {
    name: "one that is not waits behind an important one",
    saves: [
      [1, true],
      [2, true],
      [3, false],
    ],
    ends: ["committed 1", "committed 2", "committed 3"],
  },
])("$name", async ({ saves, ends: expected }) => {
  const all = controlled();
  for (const [step, important] of saves) all.save(step, important);
  expect(await ends(all)).toEqual(expected);
  expect(all.log.filter((line) => line.startsWith("captured"))).toHaveLength(saves.length);
});

test("idle waits for what waits too", async () => {
  const all = controlled();
  all.save(1);
  all.save(2);
  let idle = false;
  const waiting = all.queue.idle().then(() => (idle = true));
  await all.finish();
  expect(idle).toBe(false);
  await all.finish();
  await waiting;
  expect(all.log).toContain("committed 2");
  await all.queue.idle();
});
