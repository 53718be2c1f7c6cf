import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { testRun } from "../../../tests/contract/logger.js";
import { TensorBoardBackend } from "./backend.js";
import { SummaryWriter } from "./summary-writer.js";
import { eventFiles, readScalars } from "../../../tests/support/event-files.js";

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "trainscope-children-"));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

describe("a writer's children", () => {
  it("write to directories below, one file each, and are flushed, closed and reported with it", async () => {
    const writer = new SummaryWriter(dir);
    const train = writer.child("train");
    expect(writer.child("train")).toBe(train);
    writer.addScalar("rate", 1, 1);
    train.addScalar("loss", 2, 1);
    writer.child("train/digits").addScalar("loss", 3, 1);
    train.addHistogram("weights", new Float32Array(50_000), 1);
    await writer.flush();
    expect(writer.report()).toMatchObject({ delivered: 4, pending: 0, dropped: 0 });
    await writer.close();
    train.addScalar("loss", 9, 9);
    writer.child("late").addScalar("loss", 9, 9);
    expect(readScalars(dir)).toEqual([["rate", 1, 1]]);
    expect(readScalars(join(dir, "train"))).toEqual([["loss", 1, 2]]);
    expect(readScalars(join(dir, "train/digits"))).toEqual([["loss", 1, 3]]);
    expect(eventFiles(join(dir, "train"))).toHaveLength(1);
    await new SummaryWriter(join(dir, "train")).close(); // its directory is released
  });

  it("keep the steps of a run with hparams within what TensorBoard can show", async () => {
    const reported: string[] = [];
    const writer = new SummaryWriter(dir, { onError: ({ message }) => void reported.push(message) });
    writer.child("validation").addScalar("loss", 1, 2 ** 31);
    writer.addHparams({ rate: 0.1 });
    await writer.close();
    expect(reported).toEqual([expect.stringContaining("would show no hparams")]);
    const other = new SummaryWriter(join(dir, "other"), { onError: ({ message }) => void reported.push(message) });
    other.addHparams({ rate: 0.1 });
    other.child("validation").addScalar("loss", 1, 2 ** 31);
    expect(other.report().refused).toBe(1);
    await other.close();
    const ofChild = new SummaryWriter(join(dir, "third"));
    ofChild.child("validation").addHparams({ rate: 0.1 });
    await ofChild.close();
    const resumed = new SummaryWriter(join(dir, "third"), {
      resumeStep: 5,
      onError: ({ message }) => void reported.push(message),
    });
    resumed.child("validation").addScalar("loss", 1, 2 ** 31);
    resumed.addScalar("loss", 1, 2 ** 31);
    expect(resumed.report().refused).toBe(2);
    await resumed.close();
  });

  it.each(["", "..", "a/../b", "/etc", "a//b", ".", "a\\b"])("are refused outside of the directory: %j", async (name) => {
    const writer = new SummaryWriter(dir);
    expect(() => writer.child(name)).toThrow(/ERR_LOG[^]*cannot be a directory below/);
    await writer.close();
  });
});

describe("a backend whose train and validation are runs of their own", () => {
  const record = { "train/loss_step": 1, "epoch/digits/val_loss": 2, "epoch/val_loss": 3, "system/cpu_percent": 4 };

  it("writes each series to the run of its layout", async () => {
    const backend = new TensorBoardBackend({ dir, layout: "loaders" });
    backend.start(testRun(dir));
    backend.logMetrics(record, 5);
    const [report] = await backend.close("completed");
    expect(report).toMatchObject({ backend: "tensorboard", pending: 0, dropped: 0, refused: 0 });
    expect(readScalars(dir)).toEqual([["system/cpu_percent", 5, 4]]);
    expect(readScalars(join(dir, "train"))).toEqual([["loss_step", 5, 1]]);
    expect(readScalars(join(dir, "validation"))).toEqual([["epoch/loss", 5, 3]]);
    expect(readScalars(join(dir, "validation/digits"))).toEqual([["epoch/loss", 5, 2]]);
  });

  it("removes the replayed steps of a killed attempt from them, also where nothing more is logged", async () => {
    const first = new TensorBoardBackend({ dir, layout: "loaders" });
    first.start(testRun(dir));
    for (let step = 1; step <= 10; step++) first.logMetrics(record, step);
    await first.close("interrupted");
    const second = new TensorBoardBackend({ dir, layout: "loaders" });
    second.start(testRun(dir, { attempt: 2, resumedFromStep: 6 }));
    await second.close("interrupted");
    for (const child of [".", "train", "validation", "validation/digits"])
      expect(readScalars(join(dir, child)).map(([, step]) => step)).toEqual([1, 2, 3, 4, 5, 6]);
  });
});

describe("a point that is logged again at the step that a run was resumed from", () => {
  it("is written once", async () => {
    const first = new SummaryWriter(dir);
    first.addScalars({ loss: 1, accuracy: 1 }, 6);
    first.addHistogram("weights", new Float32Array(10), 6);
    await first.suspend();
    const second = new SummaryWriter(dir, { resumeStep: 7 });
    second.addScalar("loss", 2, 6);
    second.addScalars({ accuracy: 2, new: 2 }, 6);
    second.addHistogram("weights", new Float32Array(10), 6);
    second.addScalar("loss", 3, 7);
    await second.close();
    expect(second.report().delivered).toBe(2);
    expect(readScalars(dir)).toEqual([
      ["loss", 6, 1],
      ["accuracy", 6, 1],
      ["new", 6, 2],
      ["loss", 7, 3],
    ]);
  });
});
