import type { Problem } from "./problem.js";
import type { ConfigPath } from "./tree.js";

/** Keys that reach an object's prototype. Neither a file nor an override may set them. */
export const FORBIDDEN_KEYS: readonly string[] = ["__proto__", "constructor", "prototype"];

/** A problem for every key of `names` in the plain objects and lists of `value`. */
export function forbiddenKeys(value: unknown, names: readonly string[] = FORBIDDEN_KEYS): readonly Problem[] {
  const problems: Problem[] = [];
  const seen = new Set<unknown>();
  const visit = (node: unknown, path: ConfigPath): void => {
    if (typeof node !== "object" || node === null || seen.has(node)) return;
    seen.add(node);
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

export function forbidden(key: string, path: ConfigPath): Problem {
  const message = `The key "${key}" is never allowed: it reaches the prototype of an object. Rename it.`;
  return { code: "ERR_CONFIG", path, message };
}
