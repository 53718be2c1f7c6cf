import { messageOf, TrainscopeError } from "./errors.js";

/**
 * The package `name`: `injected` where the user gave it, else what `load` imports. Throws `ERR_MISSING_PACKAGE`, which says what to
 * install and what else would do, and keeps the import's error as `cause`.
 * `part` is the subject of the message: `trainscope/prometheus`. `load` is `() => import("prom-client")`, so that bundlers see it.
 */
export async function importOptional<T>(part: string, name: string, injected: T | undefined, load: () => Promise<T>): Promise<T> {
  if (injected !== undefined) return injected;
  try {
    return await load();
  } catch (cause) {
    const problem = isMissing(cause, name) ? "is not installed" : `could not be imported: ${messageOf(cause)}`;
    throw new TrainscopeError(
      "ERR_MISSING_PACKAGE",
      `${part} needs the package ${name}, which ${problem}.\nInstall it (npm i ${name}), or pass the module that your program imports itself.`,
      { path: part, cause },
    );
  }
}

/** True where `name` itself is not there; false where it is, and something that it needs is not. */
function isMissing(error: unknown, name: string): boolean {
  const code = (error as { code?: unknown } | null)?.code;
  return (code === "ERR_MODULE_NOT_FOUND" || code === "MODULE_NOT_FOUND") && messageOf(error).includes(`'${name}'`);
}
