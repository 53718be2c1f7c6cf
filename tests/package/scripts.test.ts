import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, describe, expect, test } from "vitest";
import { peerFiles } from "../support/peer-files.js";
import { ROOT } from "./run.js";

const prepare = pathToFileURL(join(ROOT, "scripts/lib/prepare.mjs")).href;
const { isInstalled } = (await import(prepare)) as { isInstalled(root: string): boolean };
const terminal = pathToFileURL(join(ROOT, "scripts/lib/terminal.mjs")).href;
const { screenOf } = (await import(terminal)) as {
  screenOf(bytes: string, columns: number): { text: string; style: object }[][];
};
const work = mkdtempSync(join(tmpdir(), "trainscope-scripts-"));
afterAll(() => rmSync(work, { recursive: true, force: true }));

type Packages = Record<string, { version: string; integrity?: string; optional?: boolean }>;
let count = 0;
function tree(locked: Packages, installed: Packages | null): string {
  const root = join(work, `tree-${count++}`);
  mkdirSync(join(root, "node_modules"), { recursive: true });
  writeFileSync(join(root, "package-lock.json"), JSON.stringify({ packages: { "": { version: "0.1.0" }, ...locked } }));
  if (installed !== null) writeFileSync(join(root, "node_modules/.package-lock.json"), JSON.stringify({ packages: installed }));
  return root;
}

describe("is what the lockfile says installed?", () => {
  const zod = { "node_modules/zod": { version: "4.0.0", integrity: "sha512-a" } };
  const mac = { "node_modules/@x/darwin": { version: "1.0.0", optional: true } };
  test.each([
    { name: "a fresh clone", locked: zod, installed: null, expected: false },
    { name: "all of it", locked: zod, installed: zod, expected: true },
    {
      name: "another version",
      locked: zod,
      installed: { "node_modules/zod": { version: "4.0.1", integrity: "sha512-a" } },
      expected: false,
    },
    {
      name: "other bytes",
      locked: zod,
      installed: { "node_modules/zod": { version: "4.0.0", integrity: "sha512-b" } },
      expected: false,
    },
    { name: "one missing", locked: zod, installed: {}, expected: false },
    { name: "a package of another platform missing", locked: { ...zod, ...mac }, installed: zod, expected: true },
    { name: "more than needed", locked: zod, installed: { ...zod, ...mac }, expected: true },
  ])("$name: $expected", ({ locked, installed, expected }) => expect(isInstalled(tree(locked, installed))).toBe(expected));
});

describe("peers", () => {
  const script = (file: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): { status: number | null; out: string } => {
    const child = spawnSync(process.execPath, [file, ...args], { cwd: ROOT, encoding: "utf8", env: { ...process.env, ...env } });
    return { status: child.status, out: `${child.stdout}${child.stderr}` };
  };
  const noChromium = { CHROMIUM: join(work, "no-chromium") };

  test("are listed with what they are for and how a missing one is had", () => {
    const { status, out } = script("scripts/setup-peers.mjs", ["--list"], noChromium);
    expect(status).toBe(0);
    for (const name of ["python", "bun", "deno", "node18", "node26", "tfjs-node", "compiler", "mount"])
      expect(out).toMatch(new RegExp(`^${name} +\\S`, "m"));
    expect(out).toMatch(/^chromium .*\n +missing: not made yet$/m);
  });

  test("one that cannot be made is said, and fails the command that asked for it", () => {
    const { status, out } = script("scripts/setup-peers.mjs", ["chromium"], noChromium);
    expect({ status, out }).toMatchObject({
      status: 1,
      out: expect.stringContaining(`CHROMIUM is ${noChromium.CHROMIUM}`) as string,
    });
  });

  test("an unknown name lists those that there are", () => {
    const { status, out } = script("scripts/setup-peers.mjs", ["bunn"]);
    expect(status).toBe(1);
    expect(out).toMatch(/^No peer is named bunn\. There are: python, chromium, bun, deno, /);
  });

  test("that are missing are named at the end of `npm test`, with the way out, and nothing is installed", () => {
    const { out } = script("scripts/test.mjs", ["--project", "browser", "no-such-test-file"], noChromium);
    expect(out).toMatch(/Tests that need these were skipped.*\n +chromium +.*: npm run setup:peers -- chromium\n$/);
  });

  test("decide by their use which suite a test file belongs to", () => {
    const files = peerFiles(ROOT, ["src", "tests"]);
    expect(files).toEqual(expect.arrayContaining(["tests/checkpoint/python.test.ts", "tests/tensorboard/trainer.test.ts"]));
    expect(files.filter((file) => file.startsWith("src/"))).toEqual([]);
  });
});

describe("the terminal of README's picture", () => {
  const ESC = "\u001b[";
  test.each([
    { name: "lines", bytes: "one\r\ntwo  \r\n", shows: ["one", "two", ""] },
    { name: "a line that is written over", bytes: `50 %\r${ESC}K75 %\r\n`, shows: ["75 %", ""] },
    { name: "a bar above which lines are printed", bytes: `bar\r${ESC}Kline\r\nbar`, shows: ["line", "bar"] },
    { name: "a cursor that goes up", bytes: `a\r\nb\r\n${ESC}2A${ESC}Jc`, shows: ["c"] },
    { name: "a line wider than the terminal", bytes: "0123456789ab", shows: ["0123456789", "ab"] },
    { name: "a column", bytes: `abc${ESC}2GX`, shows: ["aXc"] },
  ])("shows $name", ({ bytes, shows }) => {
    expect(screenOf(bytes, 10).map((line) => line.map(({ text }) => text).join(""))).toEqual(shows);
  });

  test("keeps colors, and refuses what it does not know", () => {
    expect(screenOf(`${ESC}1mbold${ESC}0m ${ESC}33mwarn${ESC}39m`, 80)).toEqual([
      [
        { text: "bold", style: { bold: true } },
        { text: " ", style: {} },
        { text: "warn", style: { color: "yellow" } },
      ],
    ]);
    expect(() => screenOf(`${ESC}5S`, 80)).toThrow("does not know");
  });
});

describe("a command that runs a child", () => {
  test("ends with the child's exit code", () => {
    const child = spawnSync(process.execPath, ["scripts/test.mjs", "no-such-test-file"], { cwd: ROOT, encoding: "utf8" });
    expect(child.stderr).toContain("No test files found");
    expect(child.status).toBe(1);
  });

  test.skipIf(process.platform === "win32")("leaves Ctrl-C to the child, which may take its time", async () => {
    const inner =
      'process.on("SIGINT", () => setTimeout(() => process.exit(7), 300)); setInterval(() => {}, 1000); console.log("up");';
    const file = join(work, "outer.mjs");
    writeFileSync(
      file,
      `import { runNode } from ${JSON.stringify(prepare)};\nawait runNode(["-e", ${JSON.stringify(inner)}]);\n`,
    );
    const outer = spawn(process.execPath, [file], { detached: true, stdio: ["ignore", "pipe", "inherit"] });
    await once(outer.stdout, "data");
    process.kill(-(outer.pid ?? 0), "SIGINT"); // the whole group, as a terminal does
    expect(await once(outer, "exit")).toEqual([7, null]);
  });
});
