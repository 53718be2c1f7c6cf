export { broadcastJson, gatherJson } from "./json.js";
export { singleProcess } from "./single-process.js";
