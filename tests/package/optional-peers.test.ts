import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { OPTIONAL_PEERS, type OptionalPeer } from "../../src/support/optional-peers.js";
import { peerProblems, type PeerManifest } from "./peer-problems.js";
import { ROOT } from "./run.js";

test("the table of optional peers, package.json and the sources agree", () => {
  const manifest = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as PeerManifest;
  const files = readdirSync(join(ROOT, "src"), { recursive: true, encoding: "utf8" }).filter(
    (file) => /\.(ts|mjs)$/.test(file) && !file.endsWith(".test.ts") && !file.endsWith("worker-source.mjs"), // not shipped
  );
  const sources = new Map(files.map((file) => [join("src", file), readFileSync(join(ROOT, "src", file), "utf8")]));
  expect(sources.size).toBeGreaterThan(100);
  expect(peerProblems(OPTIONAL_PEERS, manifest, sources)).toEqual([]);
});

const TABLE: Record<string, OptionalPeer> = {
  "@x/given": { range: ">=1", by: "injected" },
  loaded: { range: "^2.0.0", by: "imported" },
};
const PEERS = { "@x/given": ">=1", loaded: "^2.0.0" };
const OPTIONAL = { optional: true };
const MANIFEST: PeerManifest = {
  dependencies: { zod: "^4.0.0" },
  peerDependencies: PEERS,
  peerDependenciesMeta: { "@x/given": OPTIONAL, loaded: OPTIONAL },
};
const CALL = 'await importOptional("Part", "loaded", undefined, () => import("loaded/part"));';

describe("they disagree where", () => {
  test.each<{ name: string; text?: string; manifest?: Partial<PeerManifest>; problem: string }>([
    {
      name: "package.json has a peer that the table lacks",
      manifest: { peerDependencies: { ...PEERS, other: "*" } },
      problem: "other is a peer in package.json, and not in the table.",
    },
    {
      name: "package.json lacks a peer",
      manifest: { peerDependencies: { loaded: "^2.0.0" } },
      problem: "@x/given has the range >=1 in the table and undefined in package.json.",
    },
    {
      name: "the ranges differ",
      manifest: { peerDependencies: { ...PEERS, loaded: "^3.0.0" } },
      problem: "loaded has the range ^2.0.0 in the table and ^3.0.0 in package.json.",
    },
    {
      name: "a peer is not optional",
      manifest: { peerDependenciesMeta: { "@x/given": OPTIONAL } },
      problem: "loaded is not optional in package.json.",
    },
    {
      name: "an entry has no call",
      text: "",
      problem: "loaded is in the table as imported, and nothing calls importOptional for it.",
    },
    {
      name: "an injected package is asked for",
      text: `${CALL}\nawait importOptional("Part", "@x/given", undefined, load);`,
      problem: "src/a.ts: importOptional is called for @x/given, which is not in the table as imported.",
    },
    {
      name: "the name in a call is no literal",
      text: `${CALL}\nawait importOptional("Part", name, undefined, load);`,
      problem: "src/a.ts: importOptional is called for (not a literal), which is not in the table as imported.",
    },
    {
      name: "an injected package is imported",
      text: `${CALL}\nimport { tensor } from "@x/given";`,
      problem: "src/a.ts: @x/given is an optional peer (injected), and is loaded without importOptional.",
    },
    {
      name: "its side effects are",
      text: `${CALL}\nimport "@x/given/register";`,
      problem: "src/a.ts: @x/given is an optional peer (injected), and is loaded without importOptional.",
    },
    {
      name: "a package is imported without the error that helps",
      text: `${CALL}\nawait import("loaded");`,
      problem: "src/a.ts: loaded is an optional peer (imported), and is loaded without importOptional.",
    },
    {
      name: "another package is loaded than the call names",
      text: 'await importOptional("Part", "loaded", undefined, () => import("@x/given"));',
      problem: "src/a.ts: @x/given is an optional peer (injected), and is loaded without importOptional.",
    },
    {
      name: "a package is in neither list",
      text: `${CALL}\nexport { one } from "unknown";`,
      problem: "src/a.ts: unknown is neither a dependency nor in the table of optional peers.",
    },
  ])("$name", ({ text = CALL, manifest, problem }) => {
    expect(peerProblems(TABLE, { ...MANIFEST, ...manifest }, new Map([["src/a.ts", text]]))).toEqual([problem]);
  });

  test.each([
    { name: "types of an injected package", text: 'import type { Tensor } from "@x/given";' },
    { name: "types by a type import", text: 'export type Tensor = import("@x/given").Tensor;' },
    { name: "a dependency, now or later", text: 'import { z } from "zod";\nconst v3 = await import("zod/v3");' },
    { name: "modules of Node and of this package", text: 'import fs from "node:fs";\nimport { a } from "./a.js";' },
  ])("not: $name", ({ text }) => {
    expect(peerProblems(TABLE, MANIFEST, new Map([["src/a.ts", `${CALL}\n${text}`]]))).toEqual([]);
  });
});
