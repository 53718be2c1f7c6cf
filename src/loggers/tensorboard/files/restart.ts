/**
 * Takes a run's event files back to a step before a new file goes on.
 * - What stays: every whole record before the step, byte for byte. What goes: summaries at the step and later, the end of
 *   the hparams session (readers believe the first they see), and a record that was cut off.
 * - A file is replaced by a whole new one, or not at all; one with nothing to remove is not touched.
 */
import * as fs from "node:fs";
import { join } from "node:path";
import { messageOf, TrainscopeError } from "../../../support/errors.js";
import { outlineEvent, type EventOutline } from "./event-reader.js";
import { isEventFile } from "./file-name.js";
import { RecordReader } from "./record.js";
import { SESSION_END_TAG, SESSION_START_TAG } from "./tags.js";

/** What the files of a directory hold, after they were taken back. */
export interface EarlierRecords {
  /** An hparams session was begun. */
  hasHparams: boolean;
  /** What was logged at the step before the resumed one: what comes again at that step is there already. */
  tagsOfLastStep: Set<string>;
}

/** Its name has no "tfevents" in it: TensorBoard does not look at it. */
const REWRITTEN = ".trainscope-rewrite";

/** Removes what `resumeStep` and later steps left in the directory; what could not be done goes to `onError`. */
export function takeBack(dir: string, resumeStep: number, onError: (error: TrainscopeError) => void): EarlierRecords {
  const found: EarlierRecords = { hasHparams: false, tagsOfLastStep: new Set() };
  for (const name of eventFilesOf(dir)) {
    try {
      takeBackFile(dir, name, resumeStep, found);
    } catch (error) {
      const message = `${join(dir, name)} keeps its points from step ${resumeStep} on: ${messageOf(error)}.`;
      onError(new TrainscopeError("ERR_LOG", message, { cause: error }));
    }
  }
  return found;
}

function eventFilesOf(dir: string): string[] {
  try {
    return fs.readdirSync(dir).filter(isEventFile).sort();
  } catch {
    return []; // no directory yet, or one that the first write will report
  }
}

function takeBackFile(dir: string, name: string, resumeStep: number, found: EarlierRecords): void {
  const path = join(dir, name);
  const source = fs.openSync(path, "r");
  try {
    if (scan(source, resumeStep, found)) rewrite(source, dir, path, resumeStep);
  } finally {
    fs.closeSync(source);
  }
}

/** True when there is something to remove. */
function scan(fd: number, resumeStep: number, found: EarlierRecords): boolean {
  const reader = new RecordReader(fd);
  let removes = false;
  for (let record = reader.next(); record !== null; record = reader.next()) {
    const outline = record.intact ? outlineEvent(record.data) : null;
    if (outline === null) continue;
    if (goes(outline, resumeStep)) {
      removes = true;
      continue;
    }
    if (outline.tags.includes(SESSION_START_TAG)) found.hasHparams = true;
    if (outline.step === resumeStep - 1) for (const tag of outline.tags) found.tagsOfLastStep.add(tag);
  }
  return removes || reader.hasTail;
}

function goes({ step, tags }: EventOutline, resumeStep: number): boolean {
  return tags.length > 0 && (step >= resumeStep || tags.includes(SESSION_END_TAG));
}

function rewrite(source: number, dir: string, path: string, resumeStep: number): void {
  const temporary = join(dir, REWRITTEN);
  const target = fs.openSync(temporary, "w", 0o644);
  try {
    const reader = new RecordReader(source);
    let gathered: Uint8Array[] = [];
    let bytes = 0;
    const write = (): void => {
      if (bytes > 0) fs.writeFileSync(target, Buffer.concat(gathered));
      gathered = [];
      bytes = 0;
    };
    for (let record = reader.next(); record !== null; record = reader.next()) {
      const outline = record.intact ? outlineEvent(record.data) : null;
      if (outline !== null && goes(outline, resumeStep)) continue;
      gathered.push(record.raw.slice());
      bytes += record.raw.length;
      if (bytes >= 1 << 20) write();
    }
    write();
    fs.fsyncSync(target);
  } catch (error) {
    fs.closeSync(target);
    fs.rmSync(temporary, { force: true });
    throw error;
  }
  fs.closeSync(target);
  fs.renameSync(temporary, path);
}
