/** The ranks of a run: the group of one process, and values as JSON over any group. */
export { broadcastJson, gatherJson } from "./json.js";
export { singleProcess } from "./single-process.js";
