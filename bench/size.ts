/** The size of the packed tarball, which users download. */
import { runCommand } from "./lib/child.js";
import { judged, publish } from "./lib/report.js";

const LIMIT_KB = 850;

interface Packed {
  size: number;
  unpackedSize: number;
  entryCount: number;
}

export async function size(command: string): Promise<void> {
  const out = await runCommand("npm", ["pack", "--dry-run", "--json", "--ignore-scripts", "--silent"]);
  const [packed] = JSON.parse(out.slice(out.indexOf("["))) as Packed[];
  if (packed === undefined) throw new Error("npm pack listed no package.");
  const row = [
    "tarball",
    judged(packed.size / 1000, LIMIT_KB, 0),
    (packed.unpackedSize / 1000).toFixed(0),
    String(packed.entryCount),
    `≤ ${LIMIT_KB}`,
  ];
  publish("size", command, [{ head: ["kB", "packed", "unpacked", "files", "goal"], rows: [row] }]);
}
