/** Imported first by every command: an older Node is refused in one sentence, before anything is installed or compiled. */
import { readFileSync } from "node:fs";

const { engines } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));
const floor = engines.node.replace(">=", "");
const [major, minor] = floor.split(".").map(Number);
const [ownMajor, ownMinor] = process.versions.node.split(".").map(Number);
if (ownMajor < major || (ownMajor === major && ownMinor < minor)) {
  process.stderr.write(`trainscope needs Node ${floor} or newer; this is ${process.versions.node}.\n`);
  process.exit(1);
}
