// A writer thread that kills the process at the `nth` time that the commit reaches `killAt`: see test-parts.ts.
import { parentPort, workerData } from "node:worker_threads";
import { register } from "tsx/esm/api";

register();
const { nodeFiles } = await import("./files.ts");
const { serve } = await import("./serve.ts");

let left = workerData.nth ?? 1;
serve(parentPort, nodeFiles, (point) => {
  if (point !== workerData.point || --left > 0) return;
  if (workerData.how === "exit") process.exit(3); // of this thread
  process.kill(process.pid, "SIGKILL");
});
