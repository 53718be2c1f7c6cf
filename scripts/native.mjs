/**
 * `npm run test:native`: the TensorFlow.js adapter's tests on the native binding (tfjs-node), convolutions included.
 * Makes the binding where it is missing (scripts/peers/tfjs-node.mjs).
 */
import { ensureInstalled, runNode } from "./lib/prepare.mjs";
import { ensurePeer } from "./peers/table.mjs";

await ensureInstalled();
const binding = await ensurePeer("tfjs-node");
await runNode(["node_modules/vitest/vitest.mjs", "run", "--project", "core", "tests/tfjs", ...process.argv.slice(2)], {
  env: { ...process.env, TRAINSCOPE_TFJS_NODE: binding, TF_CPP_MIN_LOG_LEVEL: "2" },
});
