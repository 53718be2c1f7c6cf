import { afterEach, beforeEach, expect, test } from "vitest";
import { localWriter } from "../../tests/support/checkpoint-doubles.js";
import { bundle, temporary, valueOf } from "../../tests/support/checkpoint-state.js";
import { CheckpointManager } from "./checkpoint-manager.js";

let dir = "";
let remove = (): void => undefined;
beforeEach(() => ({ dir, remove } = temporary()));
afterEach(() => remove());

const at = { epoch: 0, step: 1 };
const tensor = { dtype: "F32" as const, shape: [1], data: new Float32Array(1) };
const ROWS: [what: string, given: unknown, details: unknown, says: RegExp][] = [
  ...[NaN, Infinity, -1, -0.5, 0.5, 2 ** 53, "3", null, undefined, 3n].flatMap((value): (typeof ROWS)[number][] => [
    [
      `step ${String(value)}`,
      bundle(1),
      { epoch: 0, step: value },
      /At save\.step: .* Allowed: a whole number from 0 to 9007199254740991\./,
    ],
    [`epoch ${String(value)}`, bundle(1), { epoch: value, step: 1 }, /At save\.epoch: .* Allowed: a whole number/],
  ]),
  ["no details", bundle(1), undefined, /Allowed: an object with the keys epoch, step, metrics, important/],
  ["details that are null", bundle(1), null, /Allowed: an object with the keys epoch, step, metrics, important/],
  ["a misspelt key", bundle(1), { ...at, metric: {} }, /At save\.metric: There is no key "metric" here\.\s+Nearest: "metrics"/],
  ["metrics that are a list", bundle(1), { ...at, metrics: [0.5] }, /At save\.metrics: Found a list of 1/],
  [
    "a metric that is a text",
    bundle(1),
    { ...at, metrics: { "val/loss": "0.5" } },
    /metrics\["val\/loss"\] is "0\.5"; allowed: a number/,
  ],
  [
    "a metric that is a tensor",
    bundle(1),
    { ...at, metrics: { loss: tensor } },
    /metrics\["loss"\] is an object .*; allowed: a number/,
  ],
  ["important that is a number", bundle(1), { ...at, important: 1 }, /At save\.important: Found 1\. Allowed: true or false/],
  ["no bundle", undefined, at, /Allowed: an object with the keys model, optimizers, run/],
  ["no model", {}, at, /At save\.model: Nothing is given/],
  ["a bundle of another library", { state_dict: {}, model: {} }, at, /There is no key "state_dict" here/],
  ["optimizers that are a list", { model: {}, optimizers: [] }, at, /At save\.optimizers: Found a list of 0/],
  ["a tensor without a shape", { model: { w: new Float32Array(2) } }, at, /The tensor "w" cannot be saved/],
  ["an optimizer's state that is null", { model: {}, optimizers: { sgd: null } }, at, /was not saved/],
];

test.each(ROWS)("%s is refused, and the next save works", async (_, given, details, says) => {
  const manager = new CheckpointManager({ dir }, { writer: localWriter() });
  const ticket = manager.save(given as never, details as never);
  await ticket.captured;
  await expect(ticket.committed).rejects.toMatchObject({ code: "ERR_CHECKPOINT_SAVE" });
  await expect(ticket.committed).rejects.toThrow(says);
  expect(manager.busy).toBe(false);
  await manager.save(bundle(2), { epoch: 0, step: 2 }).committed;
  expect(valueOf(await manager.loadLast())).toBe(2);
  await manager.close();
});

test("the largest numbers come back, and so does every number as a metric", async () => {
  const manager = new CheckpointManager({ dir }, { writer: localWriter() });
  const metrics = { a: NaN, b: -0, c: -Infinity, d: Number.MAX_VALUE, constructor: 1, ["__proto__"]: 2 };
  await manager.save(bundle(1), { epoch: Number.MAX_SAFE_INTEGER, step: Number.MAX_SAFE_INTEGER, metrics }).committed;
  const [info] = await manager.list();
  expect(info).toMatchObject({ epoch: Number.MAX_SAFE_INTEGER, step: Number.MAX_SAFE_INTEGER });
  expect(Object.entries(info?.metrics ?? {})).toEqual(Object.entries(metrics));
  expect(await manager.verify()).toEqual([]);
  await manager.close();
});

test("names at the limit are saved, deleted and loaded; a longer one is cut, with one warning", async () => {
  const warnings: string[] = [];
  const onWarning = (message: string): unknown => warnings.push(message);
  const options = { dir, maxCheckpoints: 1, saveTopK: 0, onWarning };
  const manager = new CheckpointManager({ ...options, filename: `${"漢".repeat(70)}{step}` }, { writer: localWriter() });
  for (const step of [2, Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER]) {
    await manager.save(bundle(1), { epoch: 0, step }).committed;
    await manager.flush();
  }
  const names = (await manager.list()).map(({ name }) => name);
  expect(names).toHaveLength(1);
  expect(warnings).toEqual([expect.stringMatching(/The name of a checkpoint was too long and is cut: .*\nShorten filename/)]);
  await manager.remove(names[0]!);
  expect(await manager.list()).toEqual([]);
  await manager.close();
});

test("a metric of filename that is misspelt is warned of once", async () => {
  const warnings: string[] = [];
  const onWarning = (message: string): unknown => warnings.push(message);
  const manager = new CheckpointManager({ dir, filename: "{step}-{val/acuracy}", onWarning }, { writer: localWriter() });
  for (const step of [1, 2]) {
    await manager.save(bundle(1), { epoch: 0, step, metrics: { "val/loss": 1, "val/accuracy": 0.5 } }).committed;
  }
  expect(warnings).toEqual([expect.stringMatching(/There is no metric \{val\/acuracy\}.* Nearest: "val\/accuracy"/)]);
  await manager.close();
});
