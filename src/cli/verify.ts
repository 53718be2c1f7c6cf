import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { verifyDirectory } from "../checkpoint/index.js";
import type { CheckpointProblem } from "../contract/index.js";
import { isDirectory } from "../support/directories.js";
import { printable, printableJson } from "../support/printable.js";
import type { CliStreams } from "./streams.js";

/** How often the directory is read again when a run deletes checkpoints while they are read. */
const MAX_ATTEMPTS = 10;

/** Compares every checkpoint in `dir` with its manifest, prints every problem, and resolves with the exit code. */
export async function verify(dir: string, json: boolean, { out, err }: CliStreams): Promise<number> {
  if (!isDirectory(dir)) {
    err.write(`There is no directory "${printable(dir)}".\n`);
    return 2;
  }
  const place = checkpointsIn(dir);
  const { names, problems } = await verified(place);
  if (json) out.write(`${printableJson({ dir: place, checkpoints: [...names], faults: problems })}\n`);
  else if (names.size > 0) out.write(report(names.size, problems));
  if (names.size === 0) err.write(`There are no checkpoints in "${printable(place)}".\n`);
  return names.size === 0 || problems.length > 0 ? 1 : 0;
}

interface Verified {
  names: ReadonlySet<string>;
  problems: CheckpointProblem[];
}

/** Without the checkpoints that a run has deleted while they were read: those are not damaged. */
async function verified(dir: string): Promise<Verified> {
  const exists = (name: string): boolean => isDirectory(join(dir, name));
  for (let attempt = 1; ; attempt++) {
    const names: string[] = [];
    try {
      const problems = await verifyDirectory(dir, (name) => names.push(name));
      const left = new Set(names.filter(exists));
      if (left.size > 0 || attempt === MAX_ATTEMPTS)
        return { names: left, problems: problems.filter(({ checkpoint }) => left.has(checkpoint)) };
    } catch (error) {
      const wasDeleted = (error as { code?: unknown } | null)?.code === "ENOENT";
      if (!wasDeleted || attempt === MAX_ATTEMPTS) throw error;
    }
  }
}

/** One line for each problem, and a last line with the totals. */
function report(checkpoints: number, problems: readonly CheckpointProblem[]): string {
  const all = `${checkpoints} ${checkpoints === 1 ? "checkpoint" : "checkpoints"}`;
  if (problems.length === 0) return `${all}, all good\n`;
  const lines = problems.map(({ checkpoint, file, problem }) => {
    return printable(`${file === null ? checkpoint : `${checkpoint}/${file}`}: ${problem.replaceAll(/\s*\n\s*/g, " ")}`);
  });
  const damaged = new Set(problems.map(({ checkpoint }) => checkpoint)).size;
  const faults = `${problems.length} ${problems.length === 1 ? "fault" : "faults"}`;
  return `${[...lines, `${faults} in ${damaged} of ${all}`].join("\n")}\n`;
}

/** `dir`, or the folder of checkpoints in it when it is the directory of a run. */
function checkpointsIn(dir: string): string {
  const inRun = join(dir, "checkpoints");
  const looksLikeRun = ["config.yaml", "summary.json"].some((name) => existsSync(join(dir, name)));
  return isDirectory(inRun) && (looksLikeRun || readdirSync(dir).length === 1) ? inRun : dir;
}
