import type { TfjsOps } from "./ops.js";

/**
 * The versions of the TensorFlow.js packages behind a `tf`, by package name. A build names its parts in `tf.version`; the core alone has
 * `version_core`.
 */
export function versionsOf({ version, version_core: core }: Pick<TfjsOps, "version" | "version_core">): Record<string, string> {
  const parts = typeof version === "object" && version !== null ? Object.entries(version) : [];
  const given = parts.length === 0 ? [["tfjs-core", core] as const] : parts;
  return Object.fromEntries(given.flatMap(([part, of]) => (typeof of === "string" ? [[`@tensorflow/${part}`, of]] : [])));
}
