import type { Metrics, PointTime } from "../../contract/index.js";
import type { GuardedBackend } from "./guarded-backend.js";

// What a backend that lacks a kind of record gets in its place. The table is in docs/writing-a-backend.md.

/** The record as an event; counted as dropped where the backend has none. */
export function giveAsEvent(
  backend: GuardedBackend,
  name: string,
  data: Readonly<Record<string, unknown>>,
  step: number | undefined,
): void {
  if (backend.has("logEvent")) backend.record("logEvent", (to) => to.logEvent?.(name, data, step));
  else backend.drop("lacks");
}

/** The record as text; as an event that holds the text where the backend has no `logText`. */
export function giveAsText(backend: GuardedBackend, name: string, text: string, step: number, at: PointTime): void {
  if (backend.has("logText")) backend.record("logText", (to) => to.logText?.(name, text, step, at));
  else giveAsEvent(backend, "text", { name, text }, step);
}

/** The record as points; counted as dropped where it has none that can be made of it (null). */
export function giveAsPoints(backend: GuardedBackend, points: Metrics | null, step: number, at: PointTime): void {
  if (points === null) backend.drop("unreadable");
  else backend.logMetrics(points, step, at, 1);
}
