import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, inject, test } from "vitest";
import { requirePeer } from "../support/peers.js";
import { entryDeclarations } from "./declarations/program.js";
import { ROOT, run } from "./run.js";

const node18 = requirePeer("node18", "the refusal of an older Node");
const scratch = inject("scratch");
const installed = join(scratch, "node_modules/trainscope");
const subpaths = [...entryDeclarations(installed).keys()];
const SENTENCE = "trainscope needs Node 20.19 or newer; this is 18.20.8.";

/** Runs an older Node; how it ended and what it printed. */
function old(args: readonly string[], cwd = scratch): { code: number | null; output: string } {
  const child = spawnSync(node18 as string, args, {
    cwd,
    encoding: "utf8",
    env: { ...process.env, NO_COLOR: "1", NODE_OPTIONS: "" },
  });
  return { code: child.status, output: `${child.stdout}${child.stderr}` };
}

test("the floor is that of package.json", async () => {
  const { engines } = JSON.parse(readFileSync(join(installed, "package.json"), "utf8")) as { engines: { node: string } };
  const { nodeProblem } = (await import(join(installed, "dist/support/node-floor.js"))) as {
    nodeProblem(versions: object): string | null;
  };
  expect(nodeProblem({ node: "18.20.8" })).toContain(`Node ${engines.node.replace(">=", "")} or newer`);
  expect(nodeProblem({ node: `${engines.node.replace(">=", "")}.0` })).toBeNull();
});

describe.skipIf(node18 === null)("on Node 18", () => {
  test.each(subpaths)("%s is refused in one sentence, imported and required", (name) => {
    const file = join(scratch, `old-${name.replace("/", "-")}.cjs`);
    const catches = [
      "const told = (error) => console.log(error.code, error.detail || error.message, /^ +at /m.test(error.stack));",
      `try { require("${name}"); } catch (error) { told(error); }`,
      `import("${name}").catch(told);`,
    ];
    writeFileSync(file, catches.join("\n"));
    const line = `ERR_NODE_VERSION ${SENTENCE} false\n`;
    expect(old([file])).toEqual({ code: 0, output: line + line });
  });

  test("a program that does not catch it ends with the sentence, and no stack trace of ours", () => {
    const { code, output } = old(["--input-type=module", "-e", 'import "trainscope";']);
    expect(code).toBe(1);
    expect(output).toContain(SENTENCE);
    expect(output).not.toMatch(/^\s+at /m);
  });

  test("npx trainscope says it and ends with 1", () => {
    expect(old([join(installed, "dist/cli/main.js"), "--version"])).toEqual({ code: 1, output: `${SENTENCE}\n` });
  });

  test.each(["start", "test", "build", "lint", "typecheck", "setup-peers"])(
    "scripts/%s.mjs says it, and does nothing",
    (script) => {
      expect(old([`scripts/${script}.mjs`], ROOT)).toEqual({ code: 1, output: `${SENTENCE}\n` });
    },
  );
});

test("the program that it brings still starts on this Node", () => {
  expect(run(join(installed, "dist/cli/main.js"), ["--help"])).toMatchObject({ code: 0 });
});
