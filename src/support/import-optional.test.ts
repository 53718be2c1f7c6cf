import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { TrainscopeError } from "./errors.js";
import { importOptional } from "./import-optional.js";

const NAME = "@tensorflow/tfjs";
const PART = "TrainingPart";
/** Programs without that package, and with a broken one. */
const work = mkdtempSync(join(tmpdir(), "trainscope-optional-"));
afterAll(() => rmSync(work, { recursive: true, force: true }));

interface Program {
  imports(): Promise<unknown>;
  requires(): unknown;
}

/** A user's program in a folder with the given packages. Node itself loads it, so that it fails as it would there. */
function program(name: string, packages: Record<string, string> = {}): Program {
  const directory = join(work, name);
  const main = `exports.imports = () => import("${NAME}");\nexports.requires = () => require("${NAME}");\n`;
  for (const [file, text] of Object.entries({ "main.cjs": main, ...packages })) {
    mkdirSync(dirname(join(directory, file)), { recursive: true });
    writeFileSync(join(directory, file), text);
  }
  return createRequire(import.meta.url)(join(directory, "main.cjs")) as Program;
}

async function refusal(load: () => Promise<unknown>): Promise<TrainscopeError> {
  const error: unknown = await importOptional(PART, NAME, undefined, load).catch((thrown: unknown) => thrown);
  if (!(error instanceof TrainscopeError)) throw new Error("It was not refused.");
  return error;
}

const without = program("without");
const manifest = `node_modules/${NAME}/package.json`;
const broken = program("broken", {
  [manifest]: JSON.stringify({ name: NAME, type: "module", exports: "./index.js" }),
  [`node_modules/${NAME}/index.js`]: 'import "its-own-dependency";',
});
const throwing = program("throwing", {
  [manifest]: JSON.stringify({ name: NAME, type: "module", exports: "./index.js" }),
  [`node_modules/${NAME}/index.js`]: 'throw new Error("no such device");',
});

describe("an optional package", () => {
  test.each([
    { how: "imported", load: () => without.imports() },
    { how: "required", load: async () => without.requires() },
  ])("that is missing and $how: what needs it, what to install, what else would do", async ({ load }) => {
    const error = await refusal(load);
    expect(error).toMatchObject({ code: "ERR_MISSING_PACKAGE", path: PART });
    expect(error.detail).toMatchInlineSnapshot(`
      "TrainingPart needs the package @tensorflow/tfjs (>=4.0.0), which is not installed.
      Install it (npm i @tensorflow/tfjs), or pass the module that your program imports itself."
    `);
    expect(error.cause).toMatchObject({ message: expect.stringContaining(`'${NAME}'`) as unknown });
  });

  test.each([
    { name: "lacks one of its own", load: () => broken.imports(), says: "its-own-dependency" },
    { name: "throws", load: () => throwing.imports(), says: "no such device" },
  ])("that is installed and $name: not reported as missing", async ({ load, says }) => {
    const error = await refusal(load);
    expect(error.code).toBe("ERR_MISSING_PACKAGE");
    expect(error.detail).not.toContain("is not installed");
    expect(error.detail).toContain("could not be imported: ");
    expect(error.detail).toContain(says);
    expect(error.cause).toMatchObject({ message: expect.stringContaining(says) as unknown });
  });

  test("is what was loaded", async () => {
    const module = { version: "4" };
    expect(await importOptional(PART, NAME, undefined, () => Promise.resolve(module))).toBe(module);
  });

  test("is the module that the user passed in, and nothing is imported then", async () => {
    const module = { version: "4" };
    const load = (): Promise<typeof module> => Promise.reject(new Error("imported"));
    expect(await importOptional(PART, NAME, module, load)).toBe(module);
  });
});
