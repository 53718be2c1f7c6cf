import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The repository, whose tools the tests of the package use. */
export const ROOT: string = fileURLToPath(new URL("../..", import.meta.url));

/** How a child process ended, and all that it printed. */
export interface Ended {
  code: number | null;
  output: string;
}

/** Runs a script of the repository's node_modules (or an absolute path) on this Node. */
export function run(
  script: string,
  args: readonly string[],
  options: { cwd?: string; nodeArgs?: readonly string[] } = {},
): Ended {
  const file = script.startsWith("/") ? script : join(ROOT, "node_modules", script);
  const child = spawnSync(process.execPath, [...(options.nodeArgs ?? []), file, ...args], {
    cwd: options.cwd ?? ROOT,
    encoding: "utf8",
    env: { ...process.env, NO_COLOR: "1", FORCE_COLOR: undefined },
    timeout: 120_000,
  });
  return { code: child.status, output: `${child.stdout}${child.stderr}` };
}
