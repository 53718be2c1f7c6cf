/**
 * Removes the steps that a resumed run logs again from the event files of earlier attempts.
 * - Every whole record before the step stays, byte for byte. Removed are summaries at the step and later, the end of the hparams
 *   session (readers use the first that they find), and a record that was cut off.
 * - A file is replaced by a whole new one, or stays as it is; one with nothing to remove is not touched.
 */
import * as fs from "node:fs";
import { join } from "node:path";
import { messageOf, type TrainscopeError } from "../../../support/errors.js";
import { outlineEvent, type EventOutline } from "./event-reader.js";
import { isEventFile } from "./file-name.js";
import { logError } from "./log-error.js";
import { RecordReader } from "./record.js";
import { SESSION_END_TAG, SESSION_START_TAG } from "./tags.js";

/** What the files of a directory still hold. */
interface EarlierRecords {
  /** The run has an hparams session. */
  hasHparams: boolean;
  /** The tags logged at the step before the resumed one: points that are logged again at that step are duplicates. */
  tagsOfLastStep: Set<string>;
}

/** A name without "tfevents": TensorBoard does not read the file. */
const REWRITTEN = ".trainscope-rewrite";
const WRITE_AT_BYTES = 1 << 20;

/** Removes `resumeStep` and later steps from the directory's event files; a file that cannot be rewritten is reported to `onError`. */
export function removeStepsFrom(dir: string, resumeStep: number, onError: (error: TrainscopeError) => void): EarlierRecords {
  const earlier: EarlierRecords = { hasHparams: false, tagsOfLastStep: new Set() };
  for (const name of eventFilesOf(dir)) {
    try {
      removeFromFile(dir, name, resumeStep, earlier);
    } catch (error) {
      const message = `The points of ${join(dir, name)} from step ${resumeStep} on could not be removed: ${messageOf(error)}.`;
      onError(logError(message, { cause: error }));
    }
  }
  return earlier;
}

function eventFilesOf(dir: string): string[] {
  try {
    return fs.readdirSync(dir).filter(isEventFile).sort();
  } catch {
    return []; // there is no directory yet, or the first write will report why it cannot be read
  }
}

function removeFromFile(dir: string, name: string, resumeStep: number, earlier: EarlierRecords): void {
  const path = join(dir, name);
  const source = fs.openSync(path, "r");
  try {
    if (scan(source, resumeStep, earlier)) rewrite(source, dir, path, resumeStep);
  } finally {
    fs.closeSync(source);
  }
}

/** Adds what stays to `earlier`; true when there is something to remove. */
function scan(fd: number, resumeStep: number, earlier: EarlierRecords): boolean {
  const reader = new RecordReader(fd);
  let removes = false;
  for (let record = reader.next(); record !== null; record = reader.next()) {
    const outline = record.intact ? outlineEvent(record.data) : null;
    if (outline === null) continue;
    if (isRemoved(outline, resumeStep)) {
      removes = true;
      continue;
    }
    if (outline.tags.includes(SESSION_START_TAG)) earlier.hasHparams = true;
    if (outline.step === resumeStep - 1) for (const tag of outline.tags) earlier.tagsOfLastStep.add(tag);
  }
  return removes || reader.hasTail;
}

function isRemoved({ step, tags }: EventOutline, resumeStep: number): boolean {
  return tags.length > 0 && (step >= resumeStep || tags.includes(SESSION_END_TAG));
}

/** Replaces the file at `path` by its remaining records: written to a temporary file and synced, then renamed. */
function rewrite(source: number, dir: string, path: string, resumeStep: number): void {
  const temporary = join(dir, REWRITTEN);
  const target = fs.openSync(temporary, "w", 0o644);
  try {
    copyRemaining(source, target, resumeStep);
    fs.fsyncSync(target);
  } catch (error) {
    fs.closeSync(target);
    fs.rmSync(temporary, { force: true });
    throw error;
  }
  fs.closeSync(target);
  fs.renameSync(temporary, path);
}

function copyRemaining(source: number, target: number, resumeStep: number): void {
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
    if (outline !== null && isRemoved(outline, resumeStep)) continue;
    gathered.push(record.raw.slice());
    bytes += record.raw.length;
    if (bytes >= WRITE_AT_BYTES) write();
  }
  write();
}
