import { describe, expect, test } from "vitest";
import { checkName, metricNamePart, metricNameProblem } from "./metric-names.js";

describe("a metric's name", () => {
  test.each(["loss", "val/loss", "top-5 accuracy", "a_b.c:d", "0", "gpu.1/used", "x".repeat(250)])("may be %j", (name) => {
    expect(metricNameProblem(name)).toBeNull();
    expect(() => checkName(name, "metric")).not.toThrow();
  });

  test.each([
    { name: "", says: "is empty" },
    { name: "x".repeat(251), says: "has 251 characters" },
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
