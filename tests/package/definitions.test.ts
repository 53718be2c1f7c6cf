import { existsSync, readFileSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, inject, test } from "vitest";
import { definitions } from "./declarations/go-to-definition.js";
import { ROOT } from "./run.js";

const installed = join(inject("scratch"), "node_modules/trainscope");
const maps = readdirSync(join(installed, "dist"), { recursive: true, encoding: "utf8" }).filter((name) =>
  name.endsWith(".d.ts.map"),
);

const CASES = [
  {
    of: "a class",
    name: "GenericTrainer",
    from: 'import { GenericTrainer } from "trainscope";\nGenericTrainer‸;',
    line: /^export class GenericTrainer/,
  },
  {
    of: "a method",
    name: "fit",
    from: 'import type { GenericTrainer } from "trainscope";\ndeclare const t: GenericTrainer<number>;\nt.fit‸;',
    line: /\bfit\(/,
  },
  {
    of: "a request of a hook",
    name: "requestStop",
    from: 'import { defineHook } from "trainscope";\ndefineHook("a", { onEpochEnd(t) { t.requestStop‸("x"); } });',
    line: /requestStop\(/,
  },
  {
    of: "a config key",
    name: "patience",
    from: 'import { EarlyStoppingHook } from "trainscope/hooks";\nnew EarlyStoppingHook({ monitor: "val/loss", patience‸: 3 });',
    line: /^patience\?:/,
  },
  {
    of: "a function",
    name: "tfjsModel",
    from: 'import { tfjsModel } from "trainscope/tfjs";\ntfjsModel‸;',
    line: /function tfjsModel/,
  },
  {
    of: "a table",
    name: "ERROR_CODES",
    from: 'import { ERROR_CODES } from "trainscope";\nERROR_CODES‸;',
    line: /^export const ERROR_CODES/,
  },
  {
    of: "a method behind several comments",
    name: "addScalar",
    from: 'import type { SummaryWriter } from "trainscope/tensorboard";\ndeclare const w: SummaryWriter;\nw.addScalar‸;',
    line: /\baddScalar\(/,
  },
  {
    of: "a class that a private one is a base of",
    name: "CheckpointManager",
    from: 'import { CheckpointManager } from "trainscope/checkpoint";\nCheckpointManager‸;',
    line: /^export class CheckpointManager/,
  },
];

const found = await definitions(
  inject("scratch"),
  CASES.map(({ from }) => from),
);

test.each(CASES.map((one, i) => ({ ...one, definition: found[i] })))("go to definition of $of: $name", ({ definition, line }) => {
  expect(definition).toEqual({
    file: expect.stringMatching(/^dist\/src\/.*\.ts$/) as string,
    line: expect.stringMatching(line) as string,
  });
});

test("each declaration has a map, whose one source is packed and is that of this repository", () => {
  expect(maps.length).toBeGreaterThan(100);
  for (const map of maps) {
    const { sources } = JSON.parse(readFileSync(join(installed, "dist", map), "utf8")) as { sources: string[] };
    expect(sources).toHaveLength(1);
    const packed = join(installed, "dist", dirname(map), sources[0] ?? "");
    const original = packed.replace(join(installed, "dist/"), `${ROOT}/`);
    expect(existsSync(packed) && readFileSync(packed, "utf8") === readFileSync(original, "utf8"), map).toBe(true);
  }
});
