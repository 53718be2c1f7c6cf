import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, inject, test } from "vitest";
import { ROOT, run } from "./run.js";

/** README's first program, as a newcomer copies it. */
const program = /```ts\n\/\/ train\.ts\n([\s\S]*?)```/.exec(readFileSync(join(ROOT, "README.md"), "utf8"))?.[1] ?? "";

describe.each([
  { kind: "npm init's default (CommonJS)", manifest: {} },
  { kind: "an ESM project", manifest: { type: "module" } },
])("README's train.ts in $kind", ({ manifest }) => {
  const directory = join(inject("scratch"), "type" in manifest ? "readme-esm" : "readme-cjs");
  beforeAll(() => {
    mkdirSync(directory);
    writeFileSync(join(directory, "package.json"), JSON.stringify(manifest));
    writeFileSync(join(directory, "train.ts"), program);
    symlinkSync(join(inject("scratch"), "node_modules"), join(directory, "node_modules"), "dir");
  });

  test("trains with `npx tsx train.ts`, evaluates and predicts", () => {
    expect(program.split("\n").length).toBeLessThanOrEqual(35);
    const { code, output } = run("tsx/dist/cli.mjs", ["train.ts"], { cwd: directory });
    expect(code, output).toBe(0);
    const [, accuracy, dir] = /^completed (\d[\d.]*) (\S+)$/m.exec(output) ?? [];
    expect(Number(accuracy), output).toBeGreaterThan(0.9);
    const summary = JSON.parse(readFileSync(join(dir ?? "", "summary.json"), "utf8")) as { status: string; epochs: number };
    expect(summary).toMatchObject({ status: "completed", epochs: 20 });
    expect(existsSync(join(dir ?? "", "config.yaml"))).toBe(true);
    const printed = [...output.matchAll(/Tensor\s+\[?\[?\s*([\d.]+)/g)].map((match) => Number(match[1]));
    expect(printed, output).toHaveLength(3); // loss, accuracy, one prediction
    expect(printed[1]).toBeCloseTo(Number(accuracy), 5);
    expect(printed[2]).toBeGreaterThan(0.5);
  });

  test("prints nothing with the console silenced", () => {
    const silent = program
      .replace("seed: 7", 'seed: 7, logging: { loggerType: "none" }')
      .replaceAll(/^.*(console\.log|print\(\)).*$/gm, "");
    writeFileSync(join(directory, "silent.ts"), silent);
    const { code, output } = run("tsx/dist/cli.mjs", ["silent.ts"], { cwd: directory });
    expect(code, output).toBe(0);
    expect(output.replaceAll(/^.*(TensorFlow|backend|=====|tfjs-node|speed things up).*$/gim, "").trim()).toBe("");
  });
});
