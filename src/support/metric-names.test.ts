import { describe, expect, test } from "vitest";
import { checkName } from "./metric-names.js";

describe("checkName", () => {
  test.each(["loss", "val/loss", "top-5 accuracy", "a_b.c:d", "0", "gpu.1/used", "x".repeat(250)])("takes %j", (name) => {
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
  ])("refuses $name and says why", ({ name, says }) => {
    const call = (): void => checkName(name, "loader");
    expect(call).toThrow(expect.objectContaining({ code: "ERR_METRIC_NAME" }));
    expect(call).toThrow(says);
    expect(call).toThrow(/loader name/);
  });
});
