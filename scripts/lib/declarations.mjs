import { existsSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { dirname, join, resolve } from "node:path";

const IMPORT = /\bfrom "(\.[^"]+)"|\bimport\("(\.[^"]+)"\)|\bimport "(\.[^"]+)"/g;

/** Deletes every declaration file below `dist` that those of `exports` do not lead to: no program can name its types. */
export function dropPrivateDeclarations(dist, exports) {
  const kept = new Set();
  const todo = targetsIn(exports).map((target) => resolve(dist, target.replace(/^\.\/dist\//, "").replace(/\.js$/, ".d.ts")));
  for (let file = todo.pop(); file !== undefined; file = todo.pop()) {
    if (kept.has(file) || !existsSync(file)) continue;
    kept.add(file);
    for (const [, from, type, bare] of readFileSync(file, "utf8").matchAll(IMPORT))
      todo.push(resolve(dirname(file), (from ?? type ?? bare).replace(/\.js$/, ".d.ts")));
  }
  for (const name of readdirSync(dist, { recursive: true })) {
    const file = resolve(join(dist, name));
    if (file.endsWith(".d.ts") && !kept.has(file)) rmSync(file);
  }
}

function targetsIn(value) {
  if (typeof value === "string") return /^\.\/dist\/.*\.(?:d\.ts|js)$/.test(value) ? [value] : [];
  return Object.values(value).flatMap(targetsIn);
}
