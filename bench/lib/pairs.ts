import { median, range } from "./statistics.js";
import type { StepTime } from "./stopwatch.js";

/** The cost of a run over its bare loop, from pairs that were measured alternately. */
export interface Overhead {
  bare: number;
  wall: number;
  cpu: number;
  /** Lowest and highest difference of all pairs. */
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
