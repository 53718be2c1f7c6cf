/**
 * A user's own loop: loads the newest checkpoint, compares it with what was saved at its step, resumes there and saves
 * each step. Every line that it says is written before the next statement runs.
 */
import { readdirSync, writeSync } from "node:fs";
import type { CheckpointOptions, LoadedCheckpoint, SaveTicket } from "trainscope";
import { bundleAt, isExact, detailsAt } from "./bundles.js";

/** How the process saves. */
export interface SaverOptions {
  /** Steps to save before it ends by itself. */
  steps: number;
  kilobytes: number;
  compress?: "none" | "gzip";
  async?: boolean;
  backupDir?: string;
  /** Where in the commit of its second save the process kills itself. */
  killAt?: string;
}

/** What the loop needs of a `CheckpointManager`. */
interface Manager {
  save(bundle: ReturnType<typeof bundleAt>, at: ReturnType<typeof detailsAt>): SaveTicket;
  loadBest(): Promise<LoadedCheckpoint | null>;
  loadLast(): Promise<LoadedCheckpoint | null>;
  flush(): Promise<void>;
  close(): Promise<void>;
}

function say(word: string, facts: Readonly<Record<string, unknown>> = {}): void {
  writeSync(1, `${JSON.stringify({ say: word, ...facts })}\n`);
}

export async function runSaver(dir: string, options: SaverOptions, open: (options: CheckpointOptions) => Manager): Promise<void> {
  say("starting");
  const manager = open({
    dir,
    maxCheckpoints: 2,
    saveTopK: 1,
    compress: options.compress ?? "none",
    async: options.async ?? true,
    backupDir: options.backupDir,
    onWarning: (message) => say("warning", { message }),
  });
  const best = await manager.loadBest();
  say("best", { step: best?.info.step ?? 0, exact: best === null || isExact(best, options.kilobytes) });
  const last = await manager.loadLast();
  say("loaded", { step: last?.info.step ?? 0, exact: last === null || isExact(last, options.kilobytes) });

  const first = (last?.info.step ?? 0) + 1;
  for (let step = first; step < first + options.steps; step++) {
    const ticket = manager.save(bundleAt(step, options.kilobytes), detailsAt(step));
    const reported = ticket.committed.then((info) => {
      if (info === "superseded") say("superseded", { step });
      else say("committed", { step: info.step, name: info.name });
    });
    await ticket.captured;
    if (step === first) {
      await reported;
      await manager.flush(); // what it deleted is gone too
      say("first", { entries: readdirSync(dir).sort() });
    } else if (step % 4 === 0) {
      await reported;
    } // the others may be superseded
  }
  await manager.close();
  say("closed", { entries: readdirSync(dir).sort() });
}
