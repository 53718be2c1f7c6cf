// The thread that writes: it kills the whole process at the point that it was given, in its second commit.
import { parentPort, workerData } from "node:worker_threads";
import { register } from "tsx/esm/api";

register();
const { serve } = await import("../../../src/checkpoint/thread/serve.ts");
const { nodeFiles } = await import("../../../src/checkpoint/disk/files.ts");
let commits = 0;
serve(parentPort, nodeFiles, (point) => {
  if (point === "begin") commits++;
  if (commits === 2 && point === workerData) process.kill(process.pid, "SIGKILL");
});
