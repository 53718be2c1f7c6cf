// Lints (type-aware rules, rooms) and checks the format. `npm run format` repairs the latter.
import { code, ensureInstalled } from "./lib/prepare.mjs";

await ensureInstalled();
const args = process.argv.slice(2);
const lint = await code(process.execPath, ["node_modules/oxlint/bin/oxlint", ...args]);
const format = await code(process.execPath, ["node_modules/oxfmt/bin/oxfmt", "--check", ...args]);
process.exit(lint || format);
