// `npm run torture [-- KILLS]`: kill -9 of processes that save checkpoints or write logs, 200 times where `npm test` has 18.
import { ensureBuilt, ensureInstalled, runNode } from "./lib/prepare.mjs";

const [kills = "200", ...args] = process.argv.slice(2);
await ensureInstalled();
await ensureBuilt();
const files = ["tests/checkpoint/kill.test.ts", "tests/loggers/crash.test.ts"];
await runNode(["node_modules/vitest/vitest.mjs", "run", "--project", "core", ...files, ...args], {
  env: { ...process.env, TRAINSCOPE_KILLS: kills },
});
