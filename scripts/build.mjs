// Compiles src/ to dist/, from nothing. dist/ is swapped in whole, so that a program that runs meanwhile finds one or the other.
import { chmodSync, existsSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { copySources, dropPrivateDeclarations } from "./lib/declarations.mjs";
import { ROOT, code, ensureInstalled, markBuilt, sourceHash } from "./lib/prepare.mjs";
import { writeRequireStubs } from "./lib/require-stubs.mjs";

await ensureInstalled();
const fresh = join(ROOT, `.build-${process.pid}`);
const stale = `${fresh}-stale`;
const dist = join(ROOT, "dist");
const hash = sourceHash();

const tsc = (...options) =>
  code(process.execPath, ["node_modules/typescript/bin/tsc", "-p", "tsconfig.build.json", "--outDir", fresh, ...options]);

// Doc comments are shipped once, in the declarations: in both they would be a tenth of the package, and parsed at every import.
const exitCodes = await Promise.all([
  tsc("--emitDeclarationOnly", "--declarationMap"),
  tsc("--declaration", "false", "--isolatedDeclarations", "false", "--removeComments"),
]);
const exitCode = Math.max(...exitCodes);
if (exitCode === 0) {
  const { bin, exports } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
  dropPrivateDeclarations(fresh, exports);
  copySources(fresh);
  writeRequireStubs(fresh, exports);
  for (const file of Object.values(bin)) chmodSync(file.replace("dist", fresh), 0o755); // `npx trainscope` in this repository
  if (existsSync(dist)) renameSync(dist, stale);
  renameSync(fresh, dist);
  markBuilt(hash);
}
rmSync(fresh, { recursive: true, force: true });
rmSync(stale, { recursive: true, force: true });
process.exit(exitCode);
