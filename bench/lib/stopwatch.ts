/** Microseconds a step: by the clock, and of the processor, which counts all threads and is less disturbed by other programs. */
export interface StepTime {
  wall: number;
  cpu: number;
}

/** Runs from its construction, after a garbage collection where Node was started with `--expose-gc`. */
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
