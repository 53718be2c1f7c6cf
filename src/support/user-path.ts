import { resolve } from "node:path";
import { TrainscopeError } from "./errors.js";

/**
 * What is wrong with a path that begins with `~`, `~/` or `~name`: a shell replaces these by a home directory, Node does not. Null for
 * every other path.
 */
export function homeProblem(path: string): string | null {
  const home = /^~[^/\\]*/.exec(path)?.[0];
  if (home === undefined) return null;
  const rest = path.slice(home.length + 1);
  const way = rest === "" ? "os.homedir()" : `join(os.homedir(), ${JSON.stringify(rest)})`;
  const inCode = home === "~" ? `Give an absolute path; in code: ${way}.` : "Give an absolute path.";
  return `Node does not expand "${home}" to a home directory, as a shell does. ${inCode} A directory of this name is ${JSON.stringify(`./${path}`)}.`;
}

/**
 * A path that a user gave, resolved against `cwd`, by default the working directory of this moment. Call it once, in a constructor: the
 * directory may change afterwards. Throws `ERR_CONFIG` for a path that begins with `~`; `where` is the option's path in the message.
 */
export function userPath(path: string, where?: string, cwd = ""): string {
  const problem = homeProblem(path);
  if (problem !== null) throw new TrainscopeError("ERR_CONFIG", `Found ${JSON.stringify(path)}. ${problem}`, { path: where });
  return resolve(cwd, path);
}
