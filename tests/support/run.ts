import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";

/** A directory for the runs of one test file, removed when its tests are over. */
export function temporaryRuns(): string {
  const dir = mkdtempSync(join(tmpdir(), "trainscope-runs-"));
  afterAll(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}
