import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";
import type { LoggerBackend } from "../../src/index.js";

/** A directory for the runs of one test file, removed when its tests are over. */
export function temporaryRuns(): string {
  const dir = mkdtempSync(join(tmpdir(), "trainscope-runs-"));
  afterAll(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

/** One point as a backend was given it. */
export interface Point {
  name: string;
  value: number;
  step: number;
  epoch: number | undefined;
}

/** A backend that keeps what it is given. */
export class MemoryBackend implements LoggerBackend {
  readonly name: string = "memory";
  readonly points: Point[] = [];
  readonly events: { name: string; data: Readonly<Record<string, unknown>>; step: number | undefined }[] = [];
  readonly params: Record<string, unknown> = {};
  closed: string | null = null;

  logMetrics(metrics: Readonly<Record<string, number>>, step: number, at?: { epoch?: number | undefined }): void {
    for (const [name, value] of Object.entries(metrics)) this.points.push({ name, value, step, epoch: at?.epoch });
  }

  logParams(params: Readonly<Record<string, unknown>>): void {
    Object.assign(this.params, params);
  }

  logEvent(name: string, data: Readonly<Record<string, unknown>>, step?: number): void {
    this.events.push({ name, data, step });
  }

  close(status: string): void {
    this.closed = status;
  }

  /** The values of one metric by step. */
  series(name: string): [step: number, value: number][] {
    return this.points.filter((point) => point.name === name).map(({ step, value }) => [step, value]);
  }

  get warnings(): string[] {
    return this.events.filter(({ name }) => name === "warning").map(({ data }) => String(data["message"]));
  }
}
