import { existsSync, readFileSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { verifyDirectory } from "../checkpoint/index.js";
import type { CheckpointProblem } from "../contract/index.js";
import type { CliStreams } from "./program.js";

/** Compares every checkpoint in `dir` with its manifest, prints every fault, and resolves with the exit code. */
export async function verify(dir: string, json: boolean, { out, err }: CliStreams): Promise<number> {
  if (!isDirectory(dir)) {
    err.write(`There is no directory "${dir}".\n`);
    return 2;
  }
  const place = checkpointsIn(dir);
  const faults = await faultsIn(place);
  const names = new Set([...checkpointNames(place), ...faults.map(({ checkpoint }) => checkpoint)]);
  if (json) out.write(`${JSON.stringify({ dir: place, checkpoints: [...names], faults }, null, 2)}\n`);
  else if (names.size > 0) out.write(report(names.size, faults));
  if (names.size === 0) err.write(`There are no checkpoints in "${place}".\n`);
  return names.size === 0 || faults.length > 0 ? 1 : 0;
}

/** A run that goes on may delete a checkpoint while it is looked at: that is no fault. */
async function faultsIn(dir: string): Promise<CheckpointProblem[]> {
  for (let attempt = 1; ; attempt++) {
    try {
      const faults = await verifyDirectory(dir);
      return faults.filter(({ checkpoint }) => isDirectory(join(dir, checkpoint)));
    } catch (error) {
      const vanished = (error as { code?: unknown } | null)?.code === "ENOENT";
      if (!vanished || attempt === 5) throw error;
    }
  }
}

/** One line a fault, and a last line that sums up. */
function report(checkpoints: number, faults: readonly CheckpointProblem[]): string {
  const of = `${checkpoints} ${checkpoints === 1 ? "checkpoint" : "checkpoints"}`;
  if (faults.length === 0) return `${of}, all good\n`;
  const lines = faults.map(({ checkpoint, file, problem }) => {
    return `${file === null ? checkpoint : `${checkpoint}/${file}`}: ${problem.replaceAll(/\s*\n\s*/g, " ")}`;
  });
  const damaged = new Set(faults.map(({ checkpoint }) => checkpoint)).size;
  return `${[...lines, `${faults.length} ${faults.length === 1 ? "fault" : "faults"} in ${damaged} of ${of}`].join("\n")}\n`;
}

/** The directories with a manifest of ours, good or not. A manager would also tidy up; to verify is to read only. */
function checkpointNames(dir: string): string[] {
  return readdirSync(dir).filter((name) => {
    try {
      const manifest = name.startsWith(".") ? "" : readFileSync(join(dir, name, "manifest.json"), "utf8");
      return manifest.includes('"trainscope.checkpoint"');
    } catch {
      return false; // not a checkpoint, deleted meanwhile, or told as a fault
    }
  });
}

/** A run keeps its checkpoints in a folder of its own. */
function checkpointsIn(dir: string): string {
  const inRun = join(dir, "checkpoints");
  const looksLikeRun = ["config.yaml", "summary.json"].some((name) => existsSync(join(dir, name)));
  return isDirectory(inRun) && (looksLikeRun || readdirSync(dir).length === 1) ? inRun : dir;
}

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}
