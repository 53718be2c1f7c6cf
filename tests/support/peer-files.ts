import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";

/**
 * The test files below `folders` that need a peer: those that call `requirePython` or `requirePeer`. They are the suite `peers`, which runs
 * once; all others are the suite `core`, which runs on every supported Node. Paths are relative to the repository, with slashes.
 */
export function peerFiles(root: string, folders: readonly string[]): string[] {
  return folders
    .flatMap((folder) =>
      readdirSync(join(root, folder), { recursive: true, encoding: "utf8" }).map(
        (name) => `${folder}/${name.replaceAll("\\", "/")}`,
      ),
    )
    .filter((file) => file.endsWith(".test.ts"))
    .filter((file) => /\brequire(Python|Peer)\(/.test(readFileSync(join(root, file), "utf8")));
}
