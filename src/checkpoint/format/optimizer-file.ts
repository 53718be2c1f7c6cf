import type { StateTree } from "../../contract/index.js";
import { TrainscopeError } from "../../support/errors.js";
import { aText, listOf } from "../../support/shape.js";
import { layOut, type Layout } from "./safetensors.js";

/** All optimizers in one file: tensors are named `<optimizer>/<tensor>`, and `__metadata__` lists the optimizers. */
export function layOutOptimizers(optimizers: Readonly<Record<string, StateTree>>): Layout {
  const tensors = Object.entries(optimizers).flatMap(([optimizer, state]) =>
    Object.entries(state).map(([name, tensor]) => [`${escaped(optimizer)}/${name}`, tensor] as const),
  );
  return layOut(Object.fromEntries(tensors), { optimizers: JSON.stringify(Object.keys(optimizers)) });
}

/** The reverse of `layOutOptimizers`. Throws `ERR_CHECKPOINT_DAMAGED` where tensors and the list do not agree. */
export function splitOptimizers(tensors: StateTree, metadata: Readonly<Record<string, string>>): Record<string, StateTree> {
  const names = namesIn(metadata);
  const states = new Map(names.map((name) => [escaped(name), [] as [string, StateTree[string]][]]));
  for (const [name, tensor] of Object.entries(tensors)) {
    const slash = name.indexOf("/");
    const state = states.get(name.slice(0, slash));
    if (state === undefined) throw damaged(`the tensor ${JSON.stringify(name)} belongs to no optimizer that the file lists`);
    state.push([name.slice(slash + 1), tensor]);
  }
  return Object.fromEntries(names.map((name) => [name, Object.fromEntries(states.get(escaped(name)) ?? [])]));
}

function namesIn(metadata: Readonly<Record<string, string>>): string[] {
  let names: unknown;
  try {
    names = JSON.parse(metadata["optimizers"] ?? "[]");
  } catch (cause) {
    throw damaged("its list of optimizers is not JSON", cause);
  }
  const problem = listOf(aText)(names, "its list of optimizers");
  if (problem !== null) throw damaged(problem);
  return names as string[];
}

function damaged(problem: string, cause?: unknown): TrainscopeError {
  return new TrainscopeError("ERR_CHECKPOINT_DAMAGED", problem, { cause });
}

/** Without slashes: the first slash ends the name of the optimizer. */
function escaped(optimizer: string): string {
  return optimizer.replaceAll("%", "%25").replaceAll("/", "%2F");
}
