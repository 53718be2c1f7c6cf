// A writer thread that kills the process at the `nth` time that the commit reaches `killAt`: see test-parts.ts.
import { parentPort, workerData } from "node:worker_threads";
import { register } from "tsx/esm/api";

register();
const { nodeFiles } = await import("./files.ts");
const { serve } = await import("./serve.ts");

let left = workerData.nth ?? 1;
serve(parentPort, nodeFiles, (point) => {
  if (point !== workerData.point || --left > 0) return;
  if (workerData.how === "throw") throw new Error(`killed at ${point}`);
  process.kill(process.pid, "SIGKILL");
});
