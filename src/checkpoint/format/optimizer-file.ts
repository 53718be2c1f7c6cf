import type { StateTree } from "../../contract/index.js";
import { layOut, type Layout } from "./safetensors.js";

/** All optimizers in one file: tensors are named `<optimizer>/<tensor>`, and `__metadata__` lists the optimizers. */
export function layOutOptimizers(optimizers: Readonly<Record<string, StateTree>>): Layout {
  const tensors = Object.entries(optimizers).flatMap(([optimizer, state]) =>
    Object.entries(state).map(([name, tensor]) => [`${escaped(optimizer)}/${name}`, tensor] as const),
  );
  return layOut(Object.fromEntries(tensors), { optimizers: JSON.stringify(Object.keys(optimizers)) });
}

/** The reverse of `layOutOptimizers`. */
export function splitOptimizers(tensors: StateTree, metadata: Readonly<Record<string, string>>): Record<string, StateTree> {
  const names = JSON.parse(metadata["optimizers"] ?? "[]") as string[];
  const states = new Map(names.map((name) => [escaped(name), [] as [string, StateTree[string]][]]));
  for (const [name, tensor] of Object.entries(tensors)) {
    const slash = name.indexOf("/");
    states.get(name.slice(0, slash))?.push([name.slice(slash + 1), tensor]);
  }
  return Object.fromEntries(names.map((name) => [name, Object.fromEntries(states.get(escaped(name)) ?? [])]));
}

/** Without slashes: the first slash ends the name of the optimizer. */
function escaped(optimizer: string): string {
  return optimizer.replaceAll("%", "%25").replaceAll("/", "%2F");
}
