import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import ts from "typescript";
import { declarationFiles } from "./program.js";
import type { Documented } from "./walk.js";

/** A schema as a tree of keys: `treeOf` of the package's config room. */
interface Tree {
  properties?: Record<string, Tree>;
  default?: unknown;
  internal?: true;
}

/**
 * `EarlyStoppingConfig.patience` and every other key of a documented interface for which the schema of the same name has a
 * default. Keys that hold an object have their defaults inside.
 */
export async function keysWithDefaults(installed: string, shown: readonly Documented[]): Promise<Set<string>> {
  const interfaces = new Set(shown.filter(({ node }) => ts.isInterfaceDeclaration(node)).map(({ name }) => name));
  const load = async (file: string): Promise<Record<string, unknown>> =>
    (await import(pathToFileURL(file).href)) as Record<string, unknown>;
  const { treeOf } = (await load(join(installed, "dist/config/tree.js"))) as { treeOf(schema: unknown): Tree };
  const keys = new Set<string>();
  for (const { file, name } of schemasIn(installed)) {
    if (!interfaces.has(name)) continue;
    const module = await load(file);
    for (const [key, child] of Object.entries(treeOf(module[name]).properties ?? {})) {
      if (child.default !== undefined && child.properties === undefined && child.internal !== true) keys.add(`${name}.${key}`);
    }
  }
  return keys;
}

/** Every schema that a built file exports; the declarations leave out those that are internal. */
function schemasIn(installed: string): { file: string; name: string }[] {
  return declarationFiles(installed).flatMap((declarations) => {
    const file = declarations.replace(/\.d\.ts$/, ".js");
    const names = readFileSync(file, "utf8").matchAll(/^export const (\w+) = (?:agreeing\(|z\.)/gm);
    return [...names].map((match) => ({ file, name: match[1] ?? "" }));
  });
}
