/**
 * Who may import whom: a folder of src/ imports only the rooms that the table below allows; examples, benchmarks and the
 * packages below packages/ use the package by its public name.
 */
import { dirname, join, relative, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = resolve(fileURLToPath(new URL("../..", import.meta.url)));

/** Rooms, bottom first: each may import those above it in this list, where its line does not say otherwise. */
const GROUND = ["contract", "support"];
const UP_TO_CONFIG = [...GROUND, "decisions", "config"];
const UP_TO_SYSTEM = [...UP_TO_CONFIG, "data", "metrics", "system"];
const UP_TO_LOGGERS = [...UP_TO_SYSTEM, "checkpoint", "journal", "loggers"];
const EVERY_ROOM = [...UP_TO_LOGGERS, "runs", "ranks", "hooks", "telemetry", "trainer"];
/** The `index.ts` of any room. */
const PUBLIC = ["public"];

/** What each room may import beside itself. */
const ROOMS = {
  contract: [],
  support: ["contract"],
  decisions: GROUND,
  config: [...GROUND, "decisions"],
  data: UP_TO_CONFIG,
  metrics: [...UP_TO_CONFIG, "data"],
  system: [...UP_TO_CONFIG, "data", "metrics"],
  checkpoint: UP_TO_SYSTEM,
  journal: [...UP_TO_SYSTEM, "checkpoint"],
  loggers: [...UP_TO_SYSTEM, "checkpoint", "journal"],
  runs: UP_TO_LOGGERS,
  ranks: GROUND,
  hooks: [...UP_TO_SYSTEM, "checkpoint"],
  telemetry: [...UP_TO_CONFIG, "metrics", "system", "loggers"],
  trainer: EVERY_ROOM,
  tfjs: GROUND,
  sweeps: PUBLIC,
  monitor: PUBLIC,
  cli: ["support", ...PUBLIC],
  index: [...EVERY_ROOM, "tfjs"],
};

/** The room of a file: a folder of src/, `index` for src/index.ts, or null outside of src/. */
function roomOf(file) {
  const [top, folder, ...rest] = relative(ROOT, file).split(sep);
  if (top !== "src" || folder === undefined) return null;
  if (rest.length > 0) return folder;
  return /^index\.[jt]s$/.test(folder) ? "index" : folder;
}

/** True when `room` may import `target`, a file of `targetRoom`. */
function allows(room, targetRoom, target) {
  if (room === targetRoom) return true;
  const allowed = ROOMS[room] ?? [];
  if (allowed.includes(targetRoom)) return true;
  return allowed.includes("public") && /^index\.[jt]s$/.test(target.split(sep).at(-1) ?? "");
}

/** True for a file of one of the packages below packages/. */
export function isNeighbour(file) {
  return relative(ROOT, file).startsWith(`packages${sep}`);
}

/** Why `file` may not import `specifier`, or null. Pure. */
export function violation(file, specifier) {
  if (!specifier.startsWith(".")) return null;
  const target = join(dirname(file), specifier);
  const room = roomOf(file);
  const targetRoom = roomOf(target);
  const [top] = relative(ROOT, file).split(sep);
  if (top === "examples" || top === "bench" || top === "packages") {
    const inside = ["examples", top].includes(relative(ROOT, target).split(sep)[0]); // benchmarks measure the examples
    return inside ? null : `${top}/ uses the package by its public name ("trainscope", "trainscope/…").`;
  }
  if (room === null) return null;
  if (!(room in ROOMS)) return `src/${room}/ is not a room: add it to the table in scripts/lint/rooms.mjs.`;
  if (targetRoom === null) return `src/${room} may not import files outside of src/.`;
  if (allows(room, targetRoom, target)) return null;
  return `src/${room} may not import src/${targetRoom}. It may import: ${[room, ...ROOMS[room]].join(", ")}.`;
}
