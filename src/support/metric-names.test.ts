import { describe, expect, test } from "vitest";
import { epochName } from "../hooks/support/epoch-names.js";
import { checkName, metricNamePart, metricNameProblem } from "./metric-names.js";

describe("a metric's name", () => {
  test.each(["loss", "val/loss", "top-5 accuracy", "a_b.c:d", "0", "gpu.1/used", "constructor", "x".repeat(80)])(
    "may be %j",
    (name) => {
      expect(metricNameProblem(name)).toBeNull();
      for (const what of ["metric", "loader"]) expect(() => checkName(name, what)).not.toThrow();
    },
  );

  test.each([
    { what: "series", most: 250 },
    { what: "metric", most: 150 },
    { what: "loader", most: 80 },
  ])("has at most $most characters as that of a $what", ({ what, most }) => {
    expect(metricNameProblem("x".repeat(most), what)).toBeNull();
    expect(metricNameProblem("x".repeat(most + 1), what)).toContain(`has ${most + 1} characters`);
    expect(metricNameProblem("x".repeat(most + 1), what)).toContain(`at most ${most} characters`);
  });

  test("whatever a model and its loaders are called, the series made of it have names that backends take", () => {
    const [metric, loader] = ["m".repeat(150), "l".repeat(80)];
    for (const name of [`train/${loader}/${metric}`, `loader_proportions/${loader}_divergence`, `train/${metric}_step`]) {
      expect(metricNameProblem(name)).toBeNull();
      expect(metricNameProblem(epochName(name, new Set([loader])) ?? name)).toBeNull();
    }
  });

  test.each([
    { name: "", says: "is empty" },
    { name: "x".repeat(81), says: "has 81 characters" },
    { name: "loss%", says: '"%"' },
    { name: "größe", says: '"ö", "ß"' },
    { name: "a\nb", says: "\\n" },
    { name: "/loss", says: "empty segment" },
    { name: "loss/", says: "empty segment" },
    { name: "a//b", says: "empty segment" },
    { name: "a/ /b", says: "empty segment" },
    { name: "a/../b", says: '".."' },
    { name: "__proto__", says: "__proto__" },
  ])("may not be $name: it says why, on one line", ({ name, says }) => {
    const problem = metricNameProblem(name, "loader") ?? "";
    expect(problem).toContain(says);
    expect(problem).toMatch(/^The loader name ".*\. Allowed: .*\.$/);
    const call = (): void => checkName(name, "loader");
    expect(call).toThrow(expect.objectContaining({ code: "ERR_METRIC_NAME", detail: problem }));
  });

  test("is a metric's where nothing else is said", () => {
    expect(metricNameProblem("a//b")).toMatch(/^The metric name /);
  });
});

test.each([
  ["encoder/w", "encoder/w"],
  ["head//b", "head/b"],
  ["dense[0]/kernel", "dense_0_/kernel"],
  ["größe", "gr_e"],
  ["///", "_"],
])("%s becomes the part %s of a metric name", (name, part) => {
  expect(metricNamePart(name)).toBe(part);
  expect(metricNameProblem(metricNamePart(name))).toBeNull();
});
