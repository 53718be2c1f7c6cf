/** `saver.ts DIR JSON`: saves with the built package, as a user's program does. */
import { CheckpointManager } from "trainscope/checkpoint";
import { runSaver, type SaverOptions } from "./saver-loop.js";

const [dir = "", json = ""] = process.argv.slice(2);
await runSaver(dir, JSON.parse(json) as SaverOptions, (options) => new CheckpointManager(options));
