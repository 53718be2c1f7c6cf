import { expect, test } from "vitest";
import { checkTemplate, freeName, nameAt } from "./filename.js";

const AT = { epoch: 3, step: 120, metrics: { "val/loss": 0.123456, "train/loss": NaN, "val/acc": -Infinity } };

test.each([
  { template: "epoch-{epoch}-step-{step}", name: "epoch-3-step-120" },
  { template: "best-{val/loss}", name: "best-0.1235" },
  { template: "best-{val_loss}", name: "best-0.1235" },
  { template: "{train/loss}-{val/acc}", name: "NaN--Infinity" },
  { template: "e{epoch}-{val/f1}", name: "e3-none" },
  { template: "{step}", name: "120" },
])("$template is $name", ({ template, name }) => {
  checkTemplate(template, "val/loss");
  expect(nameAt(template, AT)).toBe(name);
});

test.each([
  { template: "e-{epohc}", says: /\{epohc\} is not a key.*\n.*Nearest: "epoch"/s },
  { template: "{accuracy}", says: /\{accuracy\} is not a key/ },
  { template: "{}", says: /\{\} is not a key/ },
  { template: "{/}", says: /not a key/ },
  { template: "a/{step}", says: /one directory/ },
  { template: "..", says: /one directory/ },
  { template: ".hidden-{step}", says: /one directory/ },
  { template: "a:{step}", says: /one directory/ },
  { template: "a\u0000", says: /one directory/ },
  { template: "{step", says: /one directory/ },
  { template: "", says: /one directory/ },
])("$template is refused", ({ template, says }) => {
  expect(() => checkTemplate(template, "val/loss")).toThrow(
    expect.objectContaining({ code: "ERR_CONFIG", path: "filename", message: expect.stringMatching(says) }),
  );
});

test("the monitored metric is known by any name", () => {
  expect(() => checkTemplate("{accuracy}", "accuracy")).not.toThrow();
});

test("a name that is taken is counted up", () => {
  expect(freeName("a", new Set())).toBe("a");
  expect(freeName("a", new Set(["a"]))).toBe("a-2");
  expect(freeName("a", new Set(["a", "a-2", "a-3"]))).toBe("a-4");
});
