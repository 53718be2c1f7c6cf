/** The command line of `npm start`. */
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { temporaryRuns } from "../support/run.js";

const cwd = temporaryRuns();
const path = (name: string): string => fileURLToPath(new URL(`../../${name}`, import.meta.url));
const tsx = new URL("../../node_modules/tsx/dist/loader.mjs", import.meta.url).href;

/** What is printed and the exit code, as a program in an empty directory. */
function start(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  const options = { cwd, encoding: "utf8", env: { ...process.env, NO_COLOR: "1" } } as const;
  return spawnSync(process.execPath, ["--import", tsx, path("examples/digits/main.ts"), ...args], options);
}

describe("npm start", () => {
  test("--help lists the options with their defaults, and trains nothing", () => {
    const { status, stdout, stderr } = start("--help");
    expect([status, stderr]).toEqual([0, ""]);
    for (const option of ["--epochs", "--learning-rate", "--seed", "--run-name", "--runs-dir", "--resume"])
      expect(stdout).toContain(option);
    expect(stdout).toMatch(/\(default:\s+32\)/);
    expect(stdout).toContain("npm start -- --run-name slow");
    for (const line of stdout.split("\n")) expect(line.length).toBeLessThanOrEqual(80);
    expect(readdirSync(cwd)).toEqual([]);
  });

  test.each([
    { args: ["--epoch", "3"], says: "(Did you mean --epochs?)" },
    { args: ["--epochs", "2.5"], says: "Allowed: whole numbers from 1." },
    { args: ["--epochs"], says: "argument missing" },
    { args: ["--learning-rate", "fast"], says: "Allowed: numbers from" },
    { args: ["--resume"], says: "--resume needs --run-name" },
    { args: ["more"], says: "too many arguments" },
  ])("$args is refused in two lines, without a stack trace", ({ args, says }) => {
    const { status, stdout, stderr } = start(...args);
    expect([status, stdout]).toEqual([2, ""]);
    expect(stderr).toContain(says);
    expect(stderr).toContain("npm start -- --help");
    expect(stderr).not.toContain("    at ");
    expect(readdirSync(cwd)).toEqual([]);
  });
});
