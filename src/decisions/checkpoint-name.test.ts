import { expect, test } from "vitest";
import { nameAt, templateProblem } from "./checkpoint-name.js";

const AT = { epoch: 3, step: 120, metrics: { "val/loss": 0.123456, "train/loss": NaN, "val/acc": -Infinity } };

test.each([
  { template: "epoch-{epoch}-step-{step}", name: "epoch-3-step-120" },
  { template: "best-{val/loss}", name: "best-0.1235" },
  { template: "best-{val_loss}", name: "best-0.1235" },
  { template: "{train/loss}-{val/acc}", name: "NaN--Infinity" },
  { template: "e{epoch}-{val/f1}", name: "e3-none" },
  { template: "{step}", name: "120" },
])("$template is $name", ({ template, name }) => {
  expect(templateProblem(template, "val/loss")).toBeNull();
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
  expect(templateProblem(template, "val/loss")).toMatch(says);
});

test("the monitored metric is known by any name", () => {
  expect(templateProblem("{accuracy}", "accuracy")).toBeNull();
});
