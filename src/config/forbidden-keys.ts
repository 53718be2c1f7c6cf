import type { Problem } from "./problem.js";
import type { ConfigPath } from "./tree.js";

/** Keys that reach an object's prototype. Neither a file nor an override may set them. */
export const FORBIDDEN_KEYS: readonly string[] = ["__proto__", "constructor", "prototype"];

/** Levels that a config may have: no section has more than five, and what has thousands overflows the stack of whoever reads it. */
const MAX_DEPTH = 100;

/** A problem for every key of `names` in the plain objects and lists of `value`, and for what is nested too deep. */
export function forbiddenKeys(value: unknown, names: readonly string[] = FORBIDDEN_KEYS): readonly Problem[] {
  const problems: Problem[] = [];
  const seen = new Set<unknown>();
  const visit = (node: unknown, path: ConfigPath): void => {
    if (typeof node !== "object" || node === null || seen.has(node)) return;
    seen.add(node);
    if (path.length > MAX_DEPTH) return void problems.push(tooDeep(path));
    if (Array.isArray(node)) return node.forEach((item, index) => visit(item, [...path, index]));
    const prototype: unknown = Object.getPrototypeOf(node);
    if (prototype !== null && prototype !== Object.prototype) return;
    for (const key of Object.keys(node)) {
      if (names.includes(key)) problems.push(forbidden(key, [...path, key]));
      else visit((node as Record<string, unknown>)[key], [...path, key]);
    }
  };
  visit(value, []);
  return problems;
}

function tooDeep(path: ConfigPath): Problem {
  return {
    code: "ERR_CONFIG",
    path: path.slice(0, 3),
    message: `It is nested more than ${MAX_DEPTH} levels deep. Make it flatter.`,
  };
}

export function forbidden(key: string, path: ConfigPath): Problem {
  const message = `The key "${key}" is never allowed: it reaches the prototype of an object. Rename it.`;
  return { code: "ERR_CONFIG", path, message };
}
