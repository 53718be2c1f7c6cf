/**
 * `npm run test:nodes [-- 24]`: the core suite on the other supported Node versions, one after the other.
 * A Node that is missing is made (scripts/peers/table.mjs). `--report-dir DIR` also writes node<major>.json there.
 */
import { execFileSync } from "node:child_process";
import { delimiter, dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { code, ensureBuilt, ensureInstalled } from "./lib/prepare.mjs";
import { ensurePeer, OTHER_NODES } from "./peers/table.mjs";

const { values, positionals } = parseArgs({ options: { "report-dir": { type: "string" } }, allowPositionals: true });
const majors = positionals.length > 0 ? positionals : OTHER_NODES;

await ensureInstalled();
await ensureBuilt();
let failed = 0;
for (const major of majors) {
  const binary = await ensurePeer(`node${major}`);
  process.stdout.write(`\n── Node ${execFileSync(binary, ["--version"], { encoding: "utf8" }).trim()}\n`);
  const report = values["report-dir"];
  const reporters =
    report === undefined
      ? []
      : ["--reporter=default", "--reporter=json", `--outputFile.json=${join(report, `node${major}.json`)}`];
  const env = { ...process.env, PATH: `${dirname(binary)}${delimiter}${process.env.PATH ?? ""}` };
  const exitCode = await code(binary, ["node_modules/vitest/vitest.mjs", "run", "--project", "core", ...reporters], { env });
  if (exitCode !== 0) failed = exitCode;
}
process.exit(failed);
