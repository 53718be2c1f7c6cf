import { existsSync, readFileSync, readdirSync, statSync } from "node:fs";
import { builtinModules } from "node:module";
import { dirname, join, relative } from "node:path";
import { describe, expect, inject, test } from "vitest";
import { brokenLinks } from "./links.js";
import { ROOT, run } from "./run.js";

const installed = join(inject("scratch"), "node_modules/trainscope");

interface Manifest {
  bin: Record<string, string>;
  exports: Record<string, string | { types: string; "node-addons": string; default: string }>;
  dependencies: Record<string, string>;
  peerDependencies: Record<string, string>;
  peerDependenciesMeta: Record<string, { optional: boolean }>;
}
const manifest = JSON.parse(readFileSync(join(installed, "package.json"), "utf8")) as Manifest;
const files = readdirSync(installed, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => relative(installed, join(entry.parentPath, entry.name)))
  .sort();

/** A built file without its comments. */
function code(file: string): string {
  return readFileSync(join(installed, file), "utf8").replaceAll(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, "");
}

/** What a built file imports: `import … from`, `export … from`, `import()` and `import("…").T`; and the threads it starts. */
function specifiers(file: string): string[] {
  const imports = code(file).matchAll(/(?:\bfrom\s*|\bimport\s*\(?\s*)["']([^"']+)["']/g);
  const threads = code(file).matchAll(/\bthreadEntry\(import\.meta\.url, "(\.\/[\w-]+\.js)"\)/g);
  const required = file.endsWith(".cjs") ? code(file).matchAll(/\brequire\("([^"]+)"\)/g) : [];
  return [...imports, ...threads, ...required].map((match) => match[1] ?? "");
}

/** Every file that can be reached from `entries` by relative imports; a .d.ts names its neighbours by their .js. */
function reachable(entries: readonly string[]): Set<string> {
  const seen = new Set<string>();
  const queue = [...entries];
  for (let file = queue.pop(); file !== undefined; file = queue.pop()) {
    if (seen.has(file)) continue;
    seen.add(file);
    for (const specifier of specifiers(file).filter((name) => name.startsWith("."))) {
      const target = join(dirname(file), specifier);
      queue.push(file.endsWith(".d.ts") ? target.replace(/\.js$/, ".d.ts") : target);
    }
  }
  return seen;
}

const targets = [
  ...Object.values(manifest.exports).flatMap((target) =>
    typeof target === "string" ? [target] : [target.types, target["node-addons"], target.default],
  ),
  ...Object.values(manifest.bin).map((file) => `./${file}`),
];

/** What a thread runs is started by its address, not imported. */
const isThread = (file: string): boolean => file.endsWith("worker.js");

describe("the tarball", () => {
  test("is at most 850 kB", () => {
    expect(statSync(inject("tarball")).size).toBeLessThanOrEqual(850_000);
  });

  test("holds what a reader and an editor need, and no test", () => {
    expect(files).toEqual(expect.arrayContaining(["LICENSE", "README.md", "CHANGELOG.md", "package.json"]));
    expect(files.filter((file) => file.startsWith("schemas/")).length).toBeGreaterThan(0);
    const kinds = new Set(
      files.map((file) => file.replace(/^(dist\/src|dist|docs|examples|schemas)\/.*?(\.d\.ts(\.map)?|\.[a-z]+)$/, "$1 $2")),
    );
    expect([...kinds].filter((kind) => !/^docs \.(png|svg|webp)$/.test(kind)).sort()).toEqual([
      "CHANGELOG.md",
      "CONTRIBUTING.md",
      "LICENSE",
      "README.md",
      "SECURITY.md",
      "dist .cjs",
      "dist .d.ts",
      "dist .d.ts.map",
      "dist .js",
      "dist/src .ts",
      "docs .md",
      "examples .d.ts",
      "examples .ts",
      "package.json",
      "schemas .json",
    ]);
    expect(files.filter((file) => /\.(test|test-d|bench)\./.test(file))).toEqual([]);
  });

  test("has every file that `exports` and `bin` name", () => {
    expect(targets.filter((target) => !existsSync(join(installed, target.replace("*", ""))))).toEqual([]);
  });

  test("is compiled from the files that `exports` and `bin` lead to", () => {
    const { files: sources } = JSON.parse(readFileSync(join(ROOT, "tsconfig.build.json"), "utf8")) as { files: string[] };
    const built = sources.map((source) => source.replace(/^src\/(.*)\.ts$/, "./dist/$1.js")).filter((file) => !isThread(file));
    expect(built.sort()).toEqual(targets.filter((target) => target.endsWith(".js")).sort());
  });

  test("has no built file that no export leads to", () => {
    const entries = targets.map((target) => target.replace("./", "")).filter((target) => target.startsWith("dist/"));
    const found = reachable(entries);
    const typesOnly = (file: string): boolean => code(file).trim() === "export {};";
    const built = files.filter((file) => /^dist\/(?!src\/)/.test(file) && !file.endsWith(".map")); // those: definitions.test.ts
    expect(built.filter((file) => !found.has(file) && !typesOnly(file))).toEqual([]);
    expect([...found].filter((file) => !files.includes(file))).toEqual([]);
  });

  test("imports only what it declares, and declares only what it imports", () => {
    const bare = files
      .filter((file) => file.endsWith(".js"))
      .flatMap(specifiers)
      .filter((name) => !name.startsWith("."))
      .map((name) => (name.startsWith("@") ? name.split("/").slice(0, 2).join("/") : (name.split("/")[0] ?? name)));
    const external = [...new Set(bare)].filter((name) => !name.startsWith("node:"));
    expect(external.filter((name) => builtinModules.includes(name))).toEqual([]);
    expect(external.sort()).toEqual(Object.keys(manifest.dependencies).sort());
    for (const name of Object.keys(manifest.peerDependencies))
      expect(manifest.peerDependenciesMeta[name]).toEqual({ optional: true });
  });
});

test.each(files.filter((file) => file.endsWith(".md")))("the links of %s lead to what is in the tarball", (page) => {
  expect(brokenLinks(installed, page)).toEqual([]);
});

test("the program that it brings runs as installed", () => {
  const version = (JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as { version: string }).version;
  expect(run(join(installed, manifest.bin["trainscope"] ?? ""), ["--version"])).toEqual({ code: 0, output: `${version}\n` });
});

describe("linters for packages", () => {
  test("publint, strict", async () => {
    const { publint } = await import("publint");
    const { messages } = await publint({ pkgDir: installed, strict: true, pack: false });
    expect(messages).toEqual([]);
  });

  test("are the types wrong? not for ESM", () => {
    const result = run("@arethetypeswrong/cli/dist/index.js", [
      inject("tarball"),
      "--profile",
      "esm-only",
      "--format",
      "ascii",
      "--no-color",
    ]);
    expect(result, result.output).toMatchObject({ code: 0 });
  });
});
