/** Saves one checkpoint and holds the directory until it is killed. `holder.ts DIR` */
import { writeSync } from "node:fs";
import { CheckpointManager } from "trainscope/checkpoint";
import { bundleAt } from "./bundles.js";

const manager = new CheckpointManager({ dir: process.argv[2] ?? "" });
await manager.save(bundleAt(1, 1), { epoch: 0, step: 1 }).committed;
writeSync(1, `${JSON.stringify({ say: "holds", pid: process.pid })}\n`);
process.stdin.resume();
