/** The oldest Node that the package supports. `engines` in package.json is the same; a package test compares them. */
const FLOOR = [20, 19] as const;

/**
 * Why the package cannot run on this Node, as one sentence, or null. Takes `process.versions`. Other runtimes (Bun, Deno) report a Node
 * version that they imitate, which says nothing about them, so they are not judged.
 * The syntax is as old as the Nodes that are refused: the build also copies this file into what `require` loads.
 */
export function nodeProblem(versions: Readonly<Record<string, string | undefined>>): string | null {
  const own = versions["node"];
  if (own === undefined || versions["bun"] !== undefined || versions["deno"] !== undefined) return null;
  const [major = 0, minor = 0] = own.split(".").map(Number);
  if (major > FLOOR[0] || (major === FLOOR[0] && minor >= FLOOR[1])) return null;
  return `trainscope needs Node ${FLOOR.join(".")} or newer; this is ${own}.`;
}
