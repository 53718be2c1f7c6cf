import { median, range } from "./statistics.js";
import type { StepTime } from "./stopwatch.js";

/** What a run costs over its bare loop, from pairs that were taken in turns. */
export interface Overhead {
  bare: number;
  wall: number;
  cpu: number;
  /** Lowest and highest of all pairs. */
  spread: string;
}

export function overheadOf(bares: readonly StepTime[], runs: readonly StepTime[], digits: number): Overhead {
  const differences = (part: keyof StepTime): number[] => runs.map((run, i) => run[part] - (bares[i]?.[part] ?? Number.NaN));
  const walls = differences("wall");
  return {
    bare: median(bares.map(({ wall }) => wall)),
    wall: median(walls),
    cpu: median(differences("cpu")),
    spread: range(walls, digits),
  };
}
