/** Microseconds per step: wall time, and CPU time, which includes all threads and is less affected by other programs. */
export interface StepTime {
  wall: number;
  cpu: number;
}

/** Starts in the constructor, after a garbage collection if Node was started with `--expose-gc`. */
export class Stopwatch {
  readonly #usage: NodeJS.CpuUsage;
  readonly #startMs: number;

  constructor() {
    globalThis.gc?.();
    this.#usage = process.cpuUsage();
    this.#startMs = performance.now();
  }

  perStep(steps: number): StepTime {
    const wall = ((performance.now() - this.#startMs) * 1000) / steps;
    const { user, system } = process.cpuUsage(this.#usage);
    return { wall, cpu: (user + system) / steps };
  }
}
