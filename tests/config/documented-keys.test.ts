import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { GenericTrainerConfig } from "../../src/config/generic-trainer.js";
import { refusedByName } from "../../src/config/not-built.js";
import { nodeAt, treeOf } from "../../src/config/tree.js";

const root = new URL("../../", import.meta.url);
const tree = treeOf(GenericTrainerConfig);
const docs = readdirSync(new URL("docs/", root)).filter((name) => name.endsWith(".md") && name !== "configuration.md");
const pages = ["README.md", ...docs.map((name) => `docs/${name}`)];

/** Keys with dots in backticks that begin like a path of the config: `hooks.earlyStoppingConfig.restoreBest`, `earlyStoppingConfig.mode`. */
const PATH = /`((?:hooks|logging|validation|system|trainLoaderConfig|\w+Config)(?:\.[a-z]\w*)+)/g;

/** Any built-in hook's. */
const PLACEHOLDERS = new Set(["hooks.enableX", "hooks.xConfig"]);

function exists(path: string): boolean {
  const keys = path.split(".");
  return (
    PLACEHOLDERS.has(path) ||
    nodeAt(tree, keys) !== null ||
    nodeAt(tree, ["hooks", ...keys]) !== null ||
    refusedByName().some((refused) => refused.path === path)
  );
}

test.each(pages)("%s names only keys of the config that exist", (page) => {
  const text = readFileSync(new URL(page, root), "utf8").replaceAll(/```[\s\S]*?```/g, "");
  const named = [...text.matchAll(PATH)].map(([, path = ""]) => path);
  expect(named.filter((path) => !exists(path))).toEqual([]);
});

test("the keys are found", () => {
  expect(exists("hooks.earlyStoppingConfig.restoreBest")).toBe(true);
  expect(exists("modelCheckpointConfig.saveTopK")).toBe(true);
  expect(exists("hooks.earlyStoppingConfig.restoreBestWeights")).toBe(false);
});
