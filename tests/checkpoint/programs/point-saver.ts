/** `point-saver.ts DIR JSON`: saves from the sources, on a thread that kills the process at a point of the commit protocol. */
import { CheckpointManager } from "../../../src/checkpoint/index.js";
import { ThreadWriter } from "../../../src/checkpoint/thread/writer.js";
import { runSaver, type SaverOptions } from "./saver-loop.js";

const [dir = "", json = ""] = process.argv.slice(2);
const options = JSON.parse(json) as SaverOptions;
const writer = new ThreadWriter({ url: new URL("./point-worker.mjs", import.meta.url), workerData: options.killAt });
await runSaver(dir, options, (chosen) => new CheckpointManager(chosen, { writer }));
