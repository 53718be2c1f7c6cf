/** The entry of the thread that writes checkpoints. */
import { parentPort } from "node:worker_threads";
import { nodeFiles } from "../disk/files.js";
import { serve } from "./serve.js";

if (parentPort !== null) serve(parentPort, nodeFiles);
