import { describe, expect, test } from "vitest";
import { DivergenceWarningHook } from "./divergence-warning.js";
import { PlateauWarningHook } from "./plateau-warning.js";
import { RisingLossWarningHook } from "./rising-loss-warning.js";
import type { MonitoringHook } from "../support/monitoring-hook.js";
import { testView } from "../../../tests/support/test-view.js";

/** The checks at which the hook warned, and what it said. */
function warned(hook: MonitoringHook, values: readonly number[]): { at: number[]; texts: string[] } {
  const { trainer, warnings } = testView();
  const at = values.flatMap((value, i) => {
    const before = warnings().length;
    const metrics = { "val/loss": value, "train/loss": value };
    void hook.onTrainEpochEnd(trainer, i, metrics);
    void hook.onValidationEnd(trainer, i, metrics);
    return warnings().length > before ? [i] : [];
  });
  return { at, texts: warnings() };
}

const flat = (value: number, count: number): number[] => Array<number>(count).fill(value);

describe("each warns once an episode", () => {
  test("plateau", () => {
    const { at, texts } = warned(new PlateauWarningHook({ patience: 2 }), [1, 1, 1, 1, 1, 1, 0.5, 0.5, 0.5, 0.5]);
    expect(at).toEqual([2, 8]);
    expect(texts[0]).toBe("plateauWarning: val/loss has not improved by more than 0.0001 for 2 checks; now 1, best 1");
  });

  test("divergence", () => {
    const { at, texts } = warned(new DivergenceWarningHook(), [...flat(1, 10), ...flat(3, 8), ...flat(1, 5), ...flat(4, 5), NaN]);
    expect(at).toEqual([12, 25]);
    expect(texts[0]).toBe(
      "divergenceWarning: val/loss is diverging: its level 3 is 2 worse than its best level 1, and noise explains 0.01",
    );
  });

  test("divergence to NaN", () => {
    expect(warned(new DivergenceWarningHook(), [1, NaN, NaN])).toEqual({
      at: [1],
      texts: ["divergenceWarning: val/loss is NaN"],
    });
  });

  test("rising loss", () => {
    const { at, texts } = warned(new RisingLossWarningHook({ window: 4 }), [4, 1, 2, 3, 4, 5, 1, 1, 1, 2, 3, 4]);
    expect(at).toEqual([4, 11]);
    expect(texts[0]).toBe("risingLossWarning: train/loss has been rising for 4 checks, by 1 a check; now 4");
  });
});

describe("a saved state keeps the episode", () => {
  const make: Record<string, () => MonitoringHook> = {
    plateau: () => new PlateauWarningHook({ patience: 2 }),
    divergence: () => new DivergenceWarningHook(),
    rising: () => new RisingLossWarningHook({ window: 4 }),
  };
  const values = [...flat(1, 10), 2, 3, 4, 5, 6, 7, 8];

  test.each(Object.keys(make))("%s", (name) => {
    const whole = warned(make[name]?.() as MonitoringHook, values).at;
    expect(whole.length).toBeGreaterThan(0);
    for (const cut of [2, 5, 12, 14]) {
      const first = make[name]?.() as MonitoringHook;
      const before = warned(first, values.slice(0, cut)).at;
      const second = make[name]?.() as MonitoringHook;
      second.loadState?.(structuredClone(first.state?.() ?? null));
      const after = warned(second, values.slice(cut)).at.map((i) => i + cut);
      expect([...before, ...after]).toEqual(whole);
    }
  });
});

test("config is checked where a hook is made by hand", () => {
  expect(() => new PlateauWarningHook({ monitor: "val/accuracy" })).toThrow(
    /ERR_MODE_REQUIRED at hooks\.plateauWarningConfig\.mode/,
  );
  expect(() => new DivergenceWarningHook({ window: 1 })).toThrow(/ERR_CONFIG at hooks\.divergenceWarningConfig\.window/);
  expect(() => new RisingLossWarningHook({ window: NaN })).toThrow(/ERR_CONFIG at hooks\.risingLossWarningConfig\.window/);
});
