import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { ROOT, run, type Ended } from "./run.js";

/** A second package beside this one, as one below packages/ will be. It is made here and nowhere else. */
const NEIGHBOUR = {
  name: "trainscope-neighbour",
  version: "0.1.0",
  type: "module",
  exports: "./index.js",
  files: ["index.js"],
  peerDependencies: { trainscope: "^0.1.0" },
  devDependencies: { trainscope: "file:../.." },
};
const PROGRAM = [
  'import { GenericTrainer, TrainscopeError } from "trainscope";',
  'import { CompositeLogger } from "trainscope/loggers";',
  'console.log(new TrainscopeError("ERR_CONFIG", "x").code, typeof GenericTrainer, typeof CompositeLogger);',
];
const PRINTED = { code: 0, output: "ERR_CONFIG function function\n" };

const work = mkdtempSync(join(tmpdir(), "trainscope-workspace-"));
afterAll(() => rmSync(work, { recursive: true, force: true }));
const repository = join(work, "repository");
const neighbour = join(repository, "packages/neighbour");
const tarballs = join(work, "tarballs");

/** npm with what its cache holds, and the registry for the rest. */
function npm(args: readonly string[], cwd: string): Ended {
  const quick = ["--prefer-offline", "--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier", "--loglevel=error"];
  const child = spawnSync("npm", [...args, ...quick], { cwd, encoding: "utf8", timeout: 150_000 });
  return { code: child.status, output: `${child.stdout}${child.stderr}` };
}

/** The packages of the copy's lockfile. */
function locked(): Record<string, unknown> {
  const lock = JSON.parse(readFileSync(join(repository, "package-lock.json"), "utf8")) as { packages: Record<string, unknown> };
  return lock.packages;
}

function expectDone({ code, output }: Ended): void {
  expect(code, output).toBe(0);
}

beforeAll(() => {
  mkdirSync(neighbour, { recursive: true });
  mkdirSync(tarballs);
  for (const file of ["package.json", "package-lock.json"]) cpSync(join(ROOT, file), join(repository, file));
  for (const built of ["dist", "docs", "examples", "schemas", "CHANGELOG.md", "README.md", "LICENSE"])
    cpSync(join(inject("scratch"), "node_modules/trainscope", built), join(repository, built), { recursive: true });
  writeFileSync(join(neighbour, "package.json"), JSON.stringify(NEIGHBOUR));
  writeFileSync(join(neighbour, "index.js"), PROGRAM.join("\n"));
});

describe("a second package below packages/", () => {
  test("gets a place in the lockfile, which changes nothing else", () => {
    const before = locked();
    expectDone(npm(["install", "--package-lock-only"], repository));
    const {
      "packages/neighbour": added,
      "node_modules/trainscope-neighbour": link,
      "node_modules/trainscope": self,
      ...others
    } = locked();
    expect([added, link, self]).not.toContain(undefined);
    expect(others).toEqual(before);
  });

  test("is installed with this one by `npm ci`", () => expectDone(npm(["ci"], repository)));

  test("leaves a whole tree: `npm ls --all`", () => expectDone(npm(["ls", "--all"], repository)));

  test("finds this one by its name", () => {
    expect(run(join(neighbour, "index.js"), [], { cwd: neighbour })).toEqual(PRINTED);
  });

  test("is packed by itself, and not into this one", () => {
    expectDone(npm(["pack", "--pack-destination", tarballs], repository));
    expectDone(npm(["pack", "--workspace", NEIGHBOUR.name, "--pack-destination", tarballs], repository));
    const packed = readdirSync(tarballs).sort();
    expect(packed).toHaveLength(2);
    const { stdout } = spawnSync("tar", ["-tzf", join(tarballs, packed.find((name) => !name.includes("neighbour")) ?? "")], {
      encoding: "utf8",
    });
    expect(stdout).toContain("package/dist/index.js");
    expect(stdout).not.toContain("package/packages/");
  });

  test("runs where both are installed from their tarballs", () => {
    const program = join(work, "program");
    mkdirSync(program);
    writeFileSync(join(program, "package.json"), JSON.stringify({ name: "program", private: true, type: "module" }));
    expectDone(npm(["install", ...readdirSync(tarballs).map((name) => join(tarballs, name))], program));
    expectDone(npm(["ls", "--all"], program));
    writeFileSync(join(program, "main.js"), `import "${NEIGHBOUR.name}";\n`);
    expect(run(join(program, "main.js"), [], { cwd: program })).toEqual(PRINTED);
  });
});
