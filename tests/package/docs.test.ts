import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { brokenLinks } from "./links.js";
import { ROOT } from "./run.js";

const pages = [
  ...readdirSync(ROOT).filter((name) => name.endsWith(".md")),
  ...readdirSync(join(ROOT, "docs"), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".md"))
    .map((name) => join("docs", name)),
];

describe.each(pages)("%s", (page) => {
  const markdown = readFileSync(join(ROOT, page), "utf8");

  test("links to what exists", () => expect(brokenLinks(ROOT, page)).toEqual([]));

  test("names only commands that exist", () => {
    const { scripts } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as { scripts: Record<string, string> };
    const named = [...markdown.matchAll(/npm run ([\w:]+)/g)].map((match) => match[1] ?? "");
    expect(named.filter((name) => !(name in scripts))).toEqual([]);
  });
});

test("docs/README.md leads to every page", () => {
  const index = readFileSync(join(ROOT, "docs/README.md"), "utf8");
  const missing = pages.filter(
    (page) => page.startsWith("docs/") && page !== "docs/README.md" && !index.includes(`(${page.slice(5)}`),
  );
  expect(missing).toEqual([]);
});
