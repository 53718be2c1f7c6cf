// `npm start [-- options]`: the main job, on a fresh clone too. Installs and compiles what is missing, then trains. Help needs no compiling.
import { ensureBuilt, ensureInstalled, runNode } from "./lib/prepare.mjs";

await ensureInstalled();
const options = process.argv.slice(2);
if (!options.some((option) => option === "--help" || option === "-h")) await ensureBuilt();
await runNode(["--import", "tsx", "examples/digits/main.ts", ...options]);
