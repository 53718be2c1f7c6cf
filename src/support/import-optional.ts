import { messageOf, TrainscopeError } from "./errors.js";
import { OPTIONAL_PEERS, type OptionalPeerName } from "./optional-peers.js";

/**
 * The optional peer `name` for `part` ("PrometheusHook"): `injected` where the user gave it, else what `load` imports. `load` is
 * `() => import("prom-client")`, so that bundlers see the name. Throws `ERR_MISSING_PACKAGE`, which says which part needs the
 * package, what to install and what else would do, and keeps the import's error as `cause`.
 */
export async function importOptional<T>(
  part: string,
  name: OptionalPeerName,
  injected: T | undefined,
  load: () => Promise<T>,
): Promise<T> {
  if (injected !== undefined) return injected;
  try {
    return await load();
  } catch (cause) {
    const { range } = OPTIONAL_PEERS[name];
    const problem = isMissing(cause, name) ? "is not installed" : `could not be imported: ${messageOf(cause)}`;
    throw new TrainscopeError(
      "ERR_MISSING_PACKAGE",
      `${part} needs the package ${name} (${range}), which ${problem}.\nInstall it (npm i ${name}), or pass the module that your program imports itself.`,
      { path: part, cause },
    );
  }
}

/** True where `name` itself is not there; false where it is, and something that it imports is not. */
function isMissing(error: unknown, name: string): boolean {
  const code = (error as { code?: unknown } | null)?.code;
  return (code === "ERR_MODULE_NOT_FOUND" || code === "MODULE_NOT_FOUND") && messageOf(error).includes(`'${name}'`);
}
