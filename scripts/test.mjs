// `npm test [-- vitest's arguments]`: installs and compiles what is missing, then runs the core suite and the browser's.
import { ensureBuilt, ensureInstalled, runNode } from "./lib/prepare.mjs";

const args = process.argv.slice(2);
const project = args.some((arg) => arg.startsWith("--project")) ? [] : ["--project", "core", "--project", "browser"];
await ensureInstalled();
await ensureBuilt();
await runNode(["node_modules/vitest/vitest.mjs", "run", ...project, ...args]);
