// `npm start [-- options]`: the main job, on a fresh clone too. Installs and compiles what is missing, then trains.
import { ensureBuilt, ensureInstalled, runNode } from "./lib/prepare.mjs";

await ensureInstalled();
await ensureBuilt();
await runNode(["--import", "tsx", "examples/digits/main.ts", ...process.argv.slice(2)]);
