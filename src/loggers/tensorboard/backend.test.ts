import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { testLogger, testRun, type Recorded } from "../../../tests/contract/logger.js";
import { TensorBoardBackend } from "./backend.js";
import { readEvents, readScalars } from "../../../tests/support/event-files.js";

const root = mkdtempSync(join(tmpdir(), "trainscope-tensorboard-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));
let count = 0;
const newDir = (): string => join(root, String(++count));

let opened = "";
testLogger({
  name: "tensorboard",
  open: () => new TensorBoardBackend({ dir: (opened = newDir()) }),
  read: () =>
    readEvents(opened).flatMap(({ step, values }) =>
      values.flatMap(({ tag, value, plugin, strings }): Recorded[] => {
        if (value !== undefined) return [{ kind: "metric", name: tag, value, step }];
        return plugin === "text" ? [{ kind: "text", name: tag, text: strings.join(), step }] : [];
      }),
    ),
});

describe("TensorBoardBackend", () => {
  const tagsIn = (dir: string): string[] => readEvents(dir).flatMap(({ values }) => values.map(({ tag }) => tag));

  test("writes to the run's directory, epoch values too on the step axis", async () => {
    const dir = newDir();
    const backend = new TensorBoardBackend();
    backend.start(testRun(dir));
    backend.logMetrics({ "epoch/val_loss": 0.5 }, 40, { epoch: 2, wallTime: 1_700_000_000.25 });
    await backend.close("completed");
    expect(readScalars(join(dir, "tensorboard"))).toEqual([["epoch/val_loss", 40, 0.5]]);
    expect(readEvents(join(dir, "tensorboard")).at(-1)?.wallTime).toBe(1_700_000_000.25);
  });

  test("a resumed run continues after the step it was resumed from", async () => {
    const dir = newDir();
    const first = new TensorBoardBackend();
    first.start(testRun(dir));
    for (let step = 1; step <= 10; step++) first.logMetrics({ loss: step }, step);
    await first.close("interrupted");
    const second = new TensorBoardBackend();
    second.start(testRun(dir, { attempt: 2, resumedFromStep: 6 }));
    for (let step = 7; step <= 12; step++) second.logMetrics({ loss: step * 100 }, step);
    await second.close("completed");
    expect(readScalars(join(dir, "tensorboard")).map(([, step, value]) => [step, value])).toEqual([
      ...[1, 2, 3, 4, 5, 6].map((step) => [step, step]),
      ...[7, 8, 9, 10, 11, 12].map((step) => [step, step * 100]),
    ]);
  });

  test.each([
    ["completed", 1],
    ["stopped", 1],
    ["failed", 1],
    ["interrupted", 0],
  ] as const)("the hparams session of a run that %s has %i ends", async (status, ends) => {
    const dir = newDir();
    const backend = new TensorBoardBackend({ dir });
    backend.start(testRun(dir));
    backend.logParams({ rate: 0.1, nested: null });
    backend.logParams({ later: 1 });
    backend.logMetrics({ "train/loss_step": 0.5, "final/best_val_loss": 0.25 }, 2 ** 40);
    const [report] = await backend.close(status);
    await backend.close("failed");
    const tags = tagsIn(join(dir, "hparams"));
    expect(tags.filter((tag) => tag === "_hparams_/session_start_info")).toHaveLength(1);
    expect(tags.filter((tag) => tag === "_hparams_/session_end_info")).toHaveLength(ends);
    expect(tags).not.toContain("_hparams_/experiment");
    expect(readScalars(join(dir, "hparams"))).toEqual([["final/best_val_loss", 2 ** 31 - 1, 0.25]]);
    expect(readScalars(dir)).toEqual([
      ["train/loss_step", 2 ** 40, 0.5],
      ["final/best_val_loss", 2 ** 40, 0.25],
    ]);
    expect(report).toMatchObject({ delivered: 4, pending: 0, refused: 0, dropped: 0 });
  });

  test("reports what is missing when it has no directory", () => {
    expect(() => new TensorBoardBackend().logMetrics({ loss: 1 }, 1)).toThrow("TensorBoard has no directory");
  });
});
