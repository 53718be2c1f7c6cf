// Lints (type-aware rules, rooms), checks the format (`npm run format` repairs it), and finds what nothing uses.
import { code, ensureInstalled } from "./lib/prepare.mjs";

await ensureInstalled();
const args = process.argv.slice(2);
const lint = await code(process.execPath, ["node_modules/oxlint/bin/oxlint", ...args]);
const format = await code(process.execPath, ["node_modules/oxfmt/bin/oxfmt", "--check", ...args]);
const unused = await code(process.execPath, ["node_modules/knip/bin/knip.js"]);
process.exit(lint || format || unused);
