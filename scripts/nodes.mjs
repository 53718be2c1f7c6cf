/**
 * `npm run test:nodes [-- 24]`: the core suite on the other supported Node versions, one after the other.
 * Each comes from npm (package `node`) into .peers/node<major>/, once. `--report-dir DIR` also writes node<major>.json there.
 */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { ROOT, code, ensureBuilt, ensureInstalled, npm, run } from "./lib/prepare.mjs";

const { values, positionals } = parseArgs({ options: { "report-dir": { type: "string" } }, allowPositionals: true });
const majors = positionals.length > 0 ? positionals : ["22", "24", "26"];

async function binaryOf(major) {
  const folder = join(ROOT, ".peers", `node${major}`);
  const binary = join(folder, "node_modules/node/bin", process.platform === "win32" ? "node.exe" : "node");
  if (!existsSync(binary)) {
    mkdirSync(folder, { recursive: true });
    const [command, args, options] = npm([
      "install",
      "--prefix",
      folder,
      "--no-save",
      "--no-package-lock",
      "--no-audit",
      "--no-fund",
    ]);
    await run(command, [...args, `node@${major}`], options);
  }
  return binary;
}

await ensureInstalled();
await ensureBuilt();
let failed = 0;
for (const major of majors) {
  const binary = await binaryOf(major);
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
