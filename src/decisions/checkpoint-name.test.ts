import { describe, expect, test } from "vitest";
import { cutName, metricsIn, misspeltKey, nameAt, templateProblem } from "./checkpoint-name.js";

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

test.each([
  ["{val/loss:.2f}", "{val/loss}"],
  ["{val_loss:.2f}", "{val_loss}"],
  ["{val/loss:8.3f}", "{val/loss}"],
  ["{val/loss:.3}", "{val/loss}"],
  ["{val/acc:.1%}", "{val/acc}"],
  ["{val/loss:+.2e}", "{val/loss}"],
  ["{val/loss:*>10d}", "{val/loss}"],
  ["{val/loss!r}", "{val/loss}"],
  ["{val/loss!s:>8.2f}", "{val/loss}"],
  ["{epoch:02d}", "{epoch}"],
  ["{epoch:04}", "{epoch}"],
  ["{step:06d}", "{step}"],
])("%s has a format of Python: write %s", (template, right) => {
  const problem = templateProblem(`x-${template}`, "val/loss");
  expect(problem).toContain(`${template} has a format, as Python's format strings do. Write ${right}:`);
});

test.each([
  ["{ epoch }", /Nearest: "epoch"/],
  ["{ val/loss }", /\{ val\/loss \} is not a key.*Nearest: "val\/loss"/s],
  ["{Step}", /Nearest: "step"/],
  ["{global_step}", /not a key/],
  ["{epoch+1}", /Nearest: "epoch"/],
  ["{epoch:5}", /not a key/],
  ["{/loss}", /not a key/],
  ["{{epoch}}", /one directory/],
  ["${epoch}", /% and \$ have no meaning here/],
  ["$epoch", /% and \$ have no meaning here/],
  ["epoch-%d", /% and \$ have no meaning here/],
  ["%(epoch)02d", /% and \$ have no meaning here/],
  ["%.3f-{step}", /% and \$ have no meaning here/],
  ["{step}.", /no dot or space at either end/],
  ["{step} ", /no dot or space at either end/],
  ["lost+found", /one directory/],
  ["a\ud800{step}", /one directory/],
  ["a\u009b{step}", /one directory/],
])("%s is refused", (template, says) => {
  expect(templateProblem(template, "val/loss")).toMatch(says);
});

test.each(["{val/top:5}", "{val/top:5k}", "{val/f1:macro}", "{val/a b}", "{val/digits/loss}", "100%-{step}", "日本-{epoch}"])(
  "%s is a name",
  (template) => expect(templateProblem(template, "val/loss")).toBeNull(),
);

describe("a name that is too long for a file system", () => {
  test.each([
    ["x".repeat(211), null],
    ["x".repeat(223), /The names would have about 233 bytes in UTF-8, and at most 221 are possible/],
    ["é".repeat(120), /about 250 bytes/],
    ["漢".repeat(80), /about 250 bytes/],
    ["😀".repeat(60), /about 250 bytes/],
    [`${"x".repeat(150)}{train/loss}{val/loss}{val/a}{val/b}{val/c}{val/d}{val/e}`, /about 230 bytes/],
  ])("%s", (literal, says) => {
    const problem = templateProblem(`${literal}{step}`, "val/loss");
    if (says === null) expect(problem).toBeNull();
    else expect(problem).toMatch(says);
  });

  test("and a template of any length is refused at once", () => {
    expect(templateProblem(`{val/${"1".repeat(40_000)}}`, "val/loss")).toMatch(
      /It has 40006 characters, and at most 4000 are possible/,
    );
  });

  test("is cut where a value is longer than usual, and not within a character", () => {
    for (const [text, end] of [
      ["x", "x"],
      ["é", "é"],
      ["漢", "漢"],
      ["😀", "😀"],
    ] as const) {
      const cut = cutName(text.repeat(300));
      expect(Buffer.byteLength(cut)).toBeLessThanOrEqual(221);
      expect(Buffer.byteLength(cut)).toBeGreaterThan(217);
      expect(cut.endsWith(end)).toBe(true);
    }
    expect(cutName("short")).toBe("short");
  });

  test("a metric's name may be as long as metrics' names are: only its value is in the name", () => {
    const metric = `val/${"m".repeat(246)}`;
    expect(templateProblem(`{step}-{${metric}}`, "val/loss")).toBeNull();
    expect(nameAt(`{step}-{${metric}}`, { epoch: 0, step: 1, metrics: { [metric]: 0.5 } })).toBe("1-0.5000");
  });
});

test("the metrics that a template names", () => {
  expect(metricsIn("{epoch}-{step}")).toEqual([]);
  expect(metricsIn("{epoch}-{val/loss}-{train_acc}")).toEqual(["val/loss", "train_acc"]);
});

test.each<[template: string, metrics: Record<string, number>, says: RegExp | null]>([
  [
    "{val/los}",
    { "val/loss": 1, "train/loss": 2 },
    /There is no metric \{val\/los\}.* Nearest: "val\/loss"\.\nAvailable: val\/loss\./s,
  ],
  ["{val/constructor}", { "val/loss": 1 }, /no metric \{val\/constructor\}/],
  ["{val/acc}", { "train/loss": 2 }, null], // nothing of this split was measured
  ["{val/acc}", {}, null],
  ["{val/loss}", { "val/acc": 2 }, null], // the monitor is checked elsewhere
  ["{val_acc}-{epoch}", { "val/acc": 2 }, null],
])("%s among %j", (template, metrics, says) => {
  const found = misspeltKey(template, "val/loss", metrics);
  if (says === null) expect(found).toBeNull();
  else expect(found).toMatch(says);
});
