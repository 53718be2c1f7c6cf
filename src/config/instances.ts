import type { LoggerBackend, ProcessGroup } from "../contract/index.js";

/** True for what may stand in `logging.loggers`. */
export function isLoggerBackend(value: unknown): value is LoggerBackend {
  if (typeof value !== "object" || value === null) return false;
  const { name, logMetrics } = value as { name?: unknown; logMetrics?: unknown };
  return typeof name === "string" && name !== "" && typeof logMetrics === "function";
}

const GROUP_METHODS = ["allReduce", "broadcast", "gather", "barrier", "close"] as const;

/** True for what may stand in `ranks.group`. */
export function isProcessGroup(value: unknown): value is ProcessGroup {
  if (typeof value !== "object" || value === null) return false;
  const group = value as Partial<Record<keyof ProcessGroup, unknown>>;
  if (!Number.isInteger(group.rank) || !Number.isInteger(group.worldSize)) return false;
  return GROUP_METHODS.every((method) => typeof group[method] === "function");
}
