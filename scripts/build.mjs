// Compiles src/ to dist/, from nothing. dist/ is swapped in whole, so that a program that runs meanwhile finds one or the other.
import { existsSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { ROOT, code, ensureInstalled, markBuilt, sourceHash } from "./lib/prepare.mjs";

await ensureInstalled();
const fresh = join(ROOT, `.build-${process.pid}`);
const stale = `${fresh}-stale`;
const dist = join(ROOT, "dist");
const hash = sourceHash();

const exitCode = await code(process.execPath, [
  "node_modules/typescript/bin/tsc",
  "-p",
  "tsconfig.build.json",
  "--outDir",
  fresh,
]);
if (exitCode === 0) {
  if (existsSync(dist)) renameSync(dist, stale);
  renameSync(fresh, dist);
  markBuilt(hash);
}
rmSync(fresh, { recursive: true, force: true });
rmSync(stale, { recursive: true, force: true });
process.exit(exitCode);
