import { expect, test } from "vitest";
import { EARLY_STOP_START, EarlyStoppingConfig, judgeEarlyStopping, parseConfig, type StopKind } from "../../src/index.js";
import { STOPPINGS, type StoppingRow } from "./early-stopping.js";

/** Where our rule stops, and the check whose weights it would restore. */
function outcome({ rule: { patience, ...config }, values }: StoppingRow): {
  stops: [number, StopKind] | null;
  best: number | null;
} {
  const rule = { ...parseConfig(EarlyStoppingConfig, { mode: "min", ...config }), patience: patience ?? 3 };
  let progress = EARLY_STOP_START;
  for (const [epoch, value] of values.entries()) {
    const verdict = judgeEarlyStopping(rule, progress, value, { epoch });
    progress = verdict.progress;
    if (verdict.kind !== null) return { stops: [epoch, verdict.kind], best: progress.trueBest?.epoch ?? null };
  }
  return { stops: null, best: progress.trueBest?.epoch ?? null };
}

test.each(STOPPINGS)("$peer: $name", (row) => {
  const found = outcome(row);
  const theirs = { stops: row.stops, ...(row.best === undefined ? {} : { best: row.best }) };
  const { because, ...ours } = row.ours ?? { because: "", ...theirs };
  expect(found).toMatchObject(ours);
  if (because !== "") expect(found).not.toMatchObject(theirs); // else the row need not be an exception
});
