/**
 * `npm test [-- vitest's arguments]`: installs and compiles what is missing, then runs the suites core, peers and browser.
 * What the machine lacks for some tests is named at the end; nothing is installed outside of this folder.
 */
import { code, ensureBuilt, ensureInstalled } from "./lib/prepare.mjs";
import { missingPeers } from "./peers/table.mjs";

const args = process.argv.slice(2);
const named = args.flatMap((arg, i) =>
  arg === "--project" ? [args[i + 1]] : arg.startsWith("--project=") ? [arg.slice(10)] : [],
);
const suites = named.length > 0 ? named : ["core", "peers", "browser"];
const chosen = named.length > 0 ? [] : suites.flatMap((suite) => ["--project", suite]);
await ensureInstalled();
await ensureBuilt();
const exitCode = await code(process.execPath, ["node_modules/vitest/vitest.mjs", "run", ...chosen, ...args]);
const missing = missingPeers(suites);
if (missing.length > 0)
  process.stderr.write(
    `\nTests that need these were skipped (\`npm run setup:peers\` makes most of them):\n${missing.join("\n")}\n`,
  );
process.exit(exitCode);
