import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { describe, expect, test } from "vitest";
import { ROOT } from "./run.js";

const read = (file: string): string => readFileSync(join(ROOT, file), "utf8");
const { dependencies } = JSON.parse(read("package.json")) as { dependencies: Record<string, string> };

/** The keys of an interface in a declaration file, without those of what it extends. */
function keysOf(file: string, name: string): string[] {
  const source = ts.createSourceFile(file, read(file), ts.ScriptTarget.Latest);
  const found = source.statements.filter(ts.isInterfaceDeclaration).find((declaration) => declaration.name.text === name);
  return (found?.members ?? []).map((member) =>
    member.name !== undefined && ts.isIdentifier(member.name) ? member.name.text : "",
  );
}

/** The names in backticks of the part of a page that begins with `heading`. */
function namesIn(page: string, heading: string): Set<string> {
  const [, part = ""] = read(page).split(`\n${heading}\n`);
  const section = part.split(/\n#+ /)[0] ?? "";
  return new Set([...section.matchAll(/`(\w+)/g)].map(([, name = ""]) => name));
}

describe("README", () => {
  test("begins with the install, a clone's two commands, and a picture of a run", () => {
    const first = read("README.md").split("\n").slice(0, 24).join("\n");
    expect(first).toMatch(/npm i trainscope[\s\S]*npm start[\s\S]*npm test[\s\S]*!\[[^\]]+\]\(docs\/run\.svg\)/);
    expect(read("docs/run.svg")).toMatch(/epoch[\s\S]*completed/);
    expect(statSync(join(ROOT, "docs/run.svg")).size).toBeLessThan(150_000);
  });

  test.each(["README.md", "SECURITY.md"])("and %s names every dependency of the package, and no other", (page) => {
    const [, sentence = ""] = /(?:Run-time dependencies|At run time): ([\s\S]*?)\. [A-Z]/.exec(read(page)) ?? [];
    const named = [...sentence.matchAll(/`([a-z][\w-]*)`/g)].map(([, name]) => name);
    expect(new Set(named)).toEqual(new Set(Object.keys(dependencies)));
  });
});

describe("from-model-fit.md has every option of TensorFlow.js", () => {
  const layers = "node_modules/@tensorflow/tfjs-layers/dist";
  test.each([
    { name: "ModelFitArgs", file: "engine/training_tensors.d.ts", heading: "## `model.fit(x, y, args)`", atLeast: 13 },
    {
      name: "ModelFitDatasetArgs",
      file: "engine/training_dataset.d.ts",
      heading: "## `model.fitDataset(dataset, args)`",
      atLeast: 10,
    },
    { name: "CustomCallbackArgs", file: "base_callbacks.d.ts", heading: "## Callbacks", atLeast: 9 },
    { name: "EarlyStoppingCallbackArgs", file: "callbacks.d.ts", heading: "## Callbacks", atLeast: 7 },
  ])("$name", ({ name, file, heading, atLeast }) => {
    const keys = keysOf(`${layers}/${file}`, name);
    expect(keys.length).toBeGreaterThanOrEqual(atLeast);
    const named = namesIn("docs/from-model-fit.md", heading);
    expect(keys.filter((key) => !named.has(key))).toEqual([]);
  });
});
