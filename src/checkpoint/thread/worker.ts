/** The thread that checkpoints are written in. */
import { parentPort } from "node:worker_threads";
import { nodeFiles } from "../disk/files.js";
import { serve } from "./serve.js";

export type { SaveReply, SaveRequest, WriteOutcome } from "./serve.js";

if (parentPort !== null) serve(parentPort, nodeFiles);
