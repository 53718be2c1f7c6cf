import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

/** The doc comment before each member of a declaration, as one line. */
function docsIn(file: string, declaration: string): Record<string, string> {
  const source = readFileSync(new URL(file, import.meta.url), "utf8");
  const start = source.indexOf(declaration);
  const body = source.slice(start, source.indexOf("\n}\n", start));
  const members = [...body.matchAll(/\/\*\*((?:(?!\*\/)[^])*)\*\/\s*(?:declare )?(?:readonly )?(\w+)\??[(:]/g)];
  return Object.fromEntries(members.map(([, comment = "", name = ""]) => [name, comment.replace(/\s*\n\s*\* ?/g, " ").trim()]));
}

test("TrainerHooks and the contract say the same about every hook method and trait", () => {
  const contract = {
    ...docsIn("../contract/hooks.ts", "export interface HookMethods"),
    ...docsIn("../contract/hooks.ts", "export interface HookTraits"),
  };
  expect(Object.keys(contract)).toHaveLength(15 + 8);
  expect(docsIn("./trainer-hooks.ts", "export class TrainerHooks")).toEqual(contract);
});
