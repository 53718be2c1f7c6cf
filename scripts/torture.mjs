// `npm run torture [-- KILLS]`: kill -9 of processes that save checkpoints, 200 times where `npm test` has a few dozen.
import { ensureBuilt, ensureInstalled, runNode } from "./lib/prepare.mjs";

const [kills = "200", ...args] = process.argv.slice(2);
await ensureInstalled();
await ensureBuilt();
await runNode(["node_modules/vitest/vitest.mjs", "run", "--project", "core", "tests/checkpoint/kill.test.ts", ...args], {
  env: { ...process.env, TRAINSCOPE_KILLS: kills },
});
