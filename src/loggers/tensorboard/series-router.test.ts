import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { readScalars } from "../../../tests/support/event-files.js";
import { SeriesRouter } from "./series-router.js";
import { SummaryWriter } from "./summary-writer.js";

let dir: string;
let writer: SummaryWriter;
let router: SeriesRouter;
const reported: string[] = [];

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "trainscope-router-"));
  reported.length = 0;
  writer = new SummaryWriter(dir, { onError: ({ message }) => void reported.push(message) });
  router = new SeriesRouter(writer, "loaders");
});
afterEach(async () => {
  await writer.close();
  rmSync(dir, { recursive: true, force: true });
});

test("names that JavaScript knows are series like any other; __proto__ is refused and named", async () => {
  const metrics = JSON.parse('{"train/constructor_step": 1, "train/toString/loss_step": 2, "hasOwnProperty": 3}') as object;
  router.log({ ...metrics, "train/__proto___step": 4, ["__proto__"]: 5 }, 1, undefined);
  await writer.close();
  expect(readScalars(dir)).toEqual([["hasOwnProperty", 1, 3]]);
  expect(readScalars(join(dir, "train"))).toEqual([
    ["constructor_step", 1, 1],
    ["__proto___step", 1, 4],
  ]);
  expect(readScalars(join(dir, "train/toString"))).toEqual([["loss_step", 1, 2]]);
  expect(writer.report().refused).toBe(1);
  expect(reported).toEqual([expect.stringContaining('A record of "__proto__" was refused')]);
});

test.each([null, undefined, [1], "loss"])("%o is refused and counted", (metrics) => {
  router.log(metrics as never, 1, undefined);
  expect(writer.report()).toMatchObject({ pending: 0, refused: 1 });
});

test("more names than are remembered are all written", async () => {
  const names = Array.from({ length: 25_000 }, (_, index) => `train/m${index}_step`);
  for (const round of [1, 2]) for (const name of names) router.log({ [name]: round }, round, undefined);
  await writer.close();
  expect(writer.report()).toMatchObject({ delivered: 50_000, refused: 0, dropped: 0 });
});
