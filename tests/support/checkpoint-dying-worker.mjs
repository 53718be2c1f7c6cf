// A writer thread that ends the `nth` time that the commit reaches `point`: see checkpoint-doubles.ts.
import { parentPort, workerData } from "node:worker_threads";
import { register } from "tsx/esm/api";

register();
const { nodeFiles } = await import("../../src/checkpoint/disk/files.ts");
const { serve } = await import("../../src/checkpoint/thread/serve.ts");

let left = workerData.nth;
serve(parentPort, nodeFiles, (point) => {
  if (point === workerData.point && --left === 0) process.exit(3); // of this thread
});
