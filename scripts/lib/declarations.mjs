import { cpSync, existsSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve, sep } from "node:path";
import { ROOT } from "./prepare.mjs";

const IMPORT = /\bfrom "(\.[^"]+)"|\bimport\("(\.[^"]+)"\)|\bimport "(\.[^"]+)"/g;

/** Deletes every declaration file (and its map) below `dist` that those of `exports` do not lead to: no program can name its types. */
export function dropPrivateDeclarations(dist, exports) {
  const kept = new Set();
  const todo = targetsIn(exports).map((target) => resolve(dist, target.replace(/^\.\/dist\//, "").replace(/\.js$/, ".d.ts")));
  for (let file = todo.pop(); file !== undefined; file = todo.pop()) {
    if (kept.has(file) || !existsSync(file)) continue;
    kept.add(file);
    for (const [, from, type, bare] of readFileSync(file, "utf8").matchAll(IMPORT))
      todo.push(resolve(dirname(file), (from ?? type ?? bare).replace(/\.js$/, ".d.ts")));
  }
  for (const file of filesIn(dist)) {
    if (/\.d\.ts(\.map)?$/.test(file) && !kept.has(file.replace(/\.map$/, ""))) rmSync(file);
  }
}

/**
 * Copies the sources that the declaration maps name to `dist/src`, and lets the maps name the copies: "go to definition" then shows the
 * code as it was written. Sources that no declaration comes from are not copied; with them the package would be half as large again.
 */
export function copySources(dist) {
  for (const file of filesIn(dist).filter((name) => name.endsWith(".d.ts.map"))) {
    const map = JSON.parse(readFileSync(file, "utf8"));
    map.sources = map.sources.map((source) => {
      const original = resolve(dirname(file), source);
      const copy = join(dist, relative(ROOT, original));
      cpSync(original, copy);
      return relative(dirname(file), copy).split(sep).join("/");
    });
    writeFileSync(file, JSON.stringify(map));
  }
}

function filesIn(directory) {
  const entries = readdirSync(directory, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return entries.map((entry) => resolve(entry.parentPath ?? entry.path, entry.name));
}

function targetsIn(value) {
  if (typeof value === "string") return /^\.\/dist\/.*\.(?:d\.ts|js)$/.test(value) ? [value] : [];
  return Object.values(value).flatMap(targetsIn);
}
