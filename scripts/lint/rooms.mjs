/**
 * Who may import whom: a folder of src/ imports only the rooms that the table below allows; examples and benchmarks
 * use the package by its public name.
 */
import { dirname, join, relative, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = resolve(fileURLToPath(new URL("../..", import.meta.url)));

/** Rooms, bottom first. `ground` is every file directly in src/ but index.ts: the error class and small helpers. */
const GROUND = ["contract", "ground"];
const UP_TO_DATA = [...GROUND, "decisions", "config", "data"];
const UP_TO_CHECKPOINT = [...UP_TO_DATA, "metrics", "system", "checkpoint"];
const EVERY_ROOM = [...UP_TO_CHECKPOINT, "journal", "loggers", "ranks", "hooks", "trainer"];
const PUBLIC = ["public"];

/** What each room may import beside itself. */
export const ROOMS = {
  contract: [],
  ground: ["contract"],
  decisions: GROUND,
  config: GROUND,
  data: [...GROUND, "config"],
  metrics: UP_TO_DATA,
  system: [...UP_TO_DATA, "metrics"],
  checkpoint: [...UP_TO_DATA, "metrics", "system"],
  journal: UP_TO_CHECKPOINT,
  loggers: [...UP_TO_CHECKPOINT, "journal"],
  ranks: GROUND,
  hooks: UP_TO_CHECKPOINT,
  trainer: EVERY_ROOM,
  tfjs: GROUND,
  sweeps: PUBLIC,
  telemetry: PUBLIC,
  monitor: PUBLIC,
  dashboard: PUBLIC,
  cli: PUBLIC,
  index: [...EVERY_ROOM, "tfjs"],
};

/** The room of a file: a folder of src/, `ground`, `index`, or null outside of src/. */
function roomOf(file) {
  const [top, folder, ...rest] = relative(ROOT, file).split(sep);
  if (top !== "src" || folder === undefined) return null;
  if (rest.length > 0) return folder;
  return /^index\.[jt]s$/.test(folder) ? "index" : "ground";
}

/** True when `room` may import `target`, a file of `targetRoom`. */
function allows(room, targetRoom, target) {
  if (room === targetRoom) return true;
  const allowed = ROOMS[room] ?? [];
  if (allowed.includes("public")) return /^index\.[jt]s$/.test(target.split(sep).at(-1) ?? "");
  return allowed.includes(targetRoom);
}

/** Why `file` may not import `specifier`, or null. Pure. */
export function violation(file, specifier) {
  if (!specifier.startsWith(".")) return null;
  const target = join(dirname(file), specifier);
  const room = roomOf(file);
  const targetRoom = roomOf(target);
  const [top] = relative(ROOT, file).split(sep);
  if (top === "examples" || top === "bench") {
    const inside = ["examples", top].includes(relative(ROOT, target).split(sep)[0]); // benchmarks measure the examples
    return inside ? null : `${top}/ uses the package by its public name ("trainscope", "trainscope/…").`;
  }
  if (room === null) return null;
  if (!(room in ROOMS)) return `src/${room}/ is not a room: add it to the table in scripts/lint/rooms.mjs.`;
  if (targetRoom === null) return `src/${room} may not import files outside of src/.`;
  if (allows(room, targetRoom, target)) return null;
  return `src/${room} may not import src/${targetRoom}. It may import: ${[room, ...ROOMS[room]].join(", ")}.`;
}
