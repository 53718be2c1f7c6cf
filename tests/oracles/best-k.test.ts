import { expect, test } from "vitest";
import { rankBest, type BestKProgress } from "../../src/index.js";
import { BEST_K } from "./best-k.js";

test.each(BEST_K)("$name", ({ rule, values, kept, best, ours }) => {
  let table: BestKProgress = [];
  for (const [epoch, value] of values.entries()) table = rankBest(rule, table, { id: String(epoch), value }).progress;
  const ids = table.map(({ id }) => Number(id));
  const found = { kept: ids.toSorted((a, b) => a - b), best: ids[0] ?? null };
  const { because: _because, ...expected } = ours ?? { because: "", kept, best };
  expect(found).toEqual(expected);
  if (ours !== undefined) expect(found).not.toEqual({ kept, best }); // else the row need not be an exception
});
