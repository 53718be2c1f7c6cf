import type { RunInfo } from "../contract/index.js";
import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { configYaml } from "../config/params.js";
import { redactText } from "../config/redact.js";
import { diskRemedy } from "../support/disk-remedy.js";
import { TrainscopeError, messageOf } from "../support/errors.js";
import { jsonNumber } from "../support/json-number.js";
import { suggest } from "../support/nearest.js";
import { broadcastJson } from "../ranks/index.js";

/**
 * Makes the run's directory on rank 0 and sends its name to the other ranks. A named run whose directory exists throws
 * `ERR_RUN_EXISTS`, unless it is to be resumed; an unnamed one gets the next free name.
 */
export async function openRunDirectory(run: RunInfo): Promise<RunInfo> {
  const { config } = run;
  const group = config.ranks.group;
  const made = run.rank === 0 ? attempt(() => makeDirectory(run)) : null;
  if (group === undefined || group.worldSize === 1) return unwrap(made);
  const opened = await broadcastJson(group, describe(made), 0, { timeoutMs: config.ranks.timeoutMs });
  if (run.rank === 0) return unwrap(made);
  if ("error" in opened) throw new TrainscopeError("ERR_RUN_DIR", `Rank 0 could not open the run: ${opened.error}`);
  return { ...run, ...opened };
}

/** The config's file in the run's directory: `config.yaml`, then one for each resume. */
export function configFile({ attempt }: RunInfo): string {
  return attempt === 1 ? "config.yaml" : `config.resume-${attempt - 1}.yaml`;
}

/** Writes the resolved config, secrets redacted; returns its path. */
export async function writeConfig(run: RunInfo): Promise<string> {
  const path = join(run.dir, configFile(run));
  const text = await configYaml(run.config);
  writing(path, () => writeFileSync(path, text, { flag: "wx" }));
  return path;
}

/** Writes `summary.json`: the file is whole, or it does not exist. What has the name of the temporary file is replaced, not followed. */
export function writeSummary(dir: string, summary: object): void {
  const path = join(dir, "summary.json");
  const text = `${JSON.stringify(summary, writable, 2)}\n`;
  const temporary = `${path}.tmp`;
  writing(path, () => {
    rmSync(temporary, { force: true });
    const file = openSync(temporary, "wx");
    try {
      writeFileSync(file, text);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(temporary, path);
  });
}

/** Metrics are kept under any name; reasons and errors may quote a URL with its password. */
function writable(_key: string, value: unknown): unknown {
  if (typeof value === "number") return jsonNumber(value);
  return typeof value === "string" ? redactText(value) : value;
}

function makeDirectory(run: RunInfo): RunInfo {
  const { config } = run;
  const runsDir = dirname(run.dir);
  writing(runsDir, () => mkdirSync(runsDir, { recursive: true }));
  if (config.runName === undefined) return firstFree(run, runsDir);
  if (existsSync(run.dir)) {
    if (config.resume === "never") throw runExistsError(run);
    return { ...run, attempt: attemptIn(run.dir) };
  }
  if (config.resume === "must") throw noSuchRunError(run);
  writing(run.dir, () => mkdirSync(run.dir));
  return run;
}

function firstFree(run: RunInfo, runsDir: string): RunInfo {
  for (let n = 1; ; n++) {
    const runName = n === 1 ? run.runName : `${run.runName}-${n}`;
    const dir = join(runsDir, runName);
    try {
      mkdirSync(dir);
      return { ...run, runName, dir };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw notWritableError(dir, error);
    }
  }
}

/** The number of this process start: each one before has left its config. */
function attemptIn(dir: string): number {
  return 2 + readdirSync(dir).filter((file) => /^config\.resume-\d+\.yaml$/.test(file)).length;
}

function noSuchRunError(run: RunInfo): TrainscopeError {
  const runs = readdirSync(dirname(run.dir), { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return new TrainscopeError(
    "ERR_RESUME",
    `resume is "must", but there is no run "${run.runName}" in ${dirname(run.dir)}. ${suggest(
      run.runName,
      runs.map(({ name }) => name),
    )}`,
    { path: "resume" },
  );
}

function runExistsError(run: RunInfo): TrainscopeError {
  return new TrainscopeError(
    "ERR_RUN_EXISTS",
    `The run "${run.runName}" already has a directory: ${run.dir}\nResume it with resume: "auto" or "must", or choose another runName (without one, a run is named by its start time).`,
    { path: "runName" },
  );
}

function writing<T>(path: string, write: () => T): T {
  try {
    return write();
  } catch (cause) {
    throw notWritableError(path, cause);
  }
}

function notWritableError(path: string, cause: unknown): TrainscopeError {
  return new TrainscopeError(
    "ERR_RUN_DIR",
    `${path} could not be written: ${messageOf(cause)}.\n${diskRemedy(cause, "runsDir")}`,
    { path: "runsDir", cause },
  );
}

type Attempt<T> = { value: T } | { thrown: unknown };

function attempt<T>(work: () => T): Attempt<T> {
  try {
    return { value: work() };
  } catch (thrown) {
    return { thrown };
  }
}

function unwrap<T>(made: Attempt<T> | null): T {
  if (made !== null && "value" in made) return made.value;
  throw made === null ? new TrainscopeError("ERR_RUN_DIR", "Only rank 0 makes the run's directory.") : made.thrown;
}

function describe(made: Attempt<RunInfo> | null): { runId: string; runName: string; dir: string } | { error: string } {
  if (made === null) return { error: "" };
  if ("thrown" in made) return { error: messageOf(made.thrown) };
  const { runId, runName, dir } = made.value;
  return { runId, runName, dir };
}
