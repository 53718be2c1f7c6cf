import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { generatedFiles } from "../../scripts/config-reference.js";
import { hookIndexes } from "../../scripts/hook-indexes.js";
import { pageSections } from "../../scripts/page-sections.js";

const generated = { ...hookIndexes(), ...(await generatedFiles()), ...pageSections() };

test.each(Object.entries(generated))("%s is up to date: else run `npm run schemas`", (name, text) => {
  expect(readFileSync(new URL(`../../${name}`, import.meta.url), "utf8")).toBe(text);
});

test("the JSON Schema of files has no place for what only code can give, and is strict", () => {
  const schema = JSON.parse(generated["schemas/generic-trainer-config.schema.json"] ?? "") as SchemaNode;
  expect(schema.properties?.["logging"]?.properties).not.toHaveProperty("loggers");
  expect(schema.properties?.["ranks"]?.properties).not.toHaveProperty("group");
  expect(schema.properties?.["hooks"]?.properties?.["hookClasses"]?.items?.anyOf).toMatchObject([
    { type: "string" },
    { type: "object", properties: { hook: { type: "string" } }, required: ["hook"] },
  ]);
  expect(objectsOf(schema).filter((node) => node.properties !== undefined && node.additionalProperties !== false)).toEqual([]);
  expect(JSON.stringify(schema)).not.toMatch(/codeOnly|"allowed"/);
});

interface SchemaNode {
  properties?: Record<string, SchemaNode>;
  additionalProperties?: unknown;
  items?: SchemaNode;
  anyOf?: SchemaNode[];
}

function objectsOf(node: SchemaNode): SchemaNode[] {
  const children = [
    ...Object.values(node.properties ?? {}),
    ...(node.items === undefined ? [] : [node.items]),
    ...(node.anyOf ?? []),
  ];
  return [node, ...children.flatMap(objectsOf)];
}
