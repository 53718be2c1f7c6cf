import type { FitResult, RunInfo } from "../contract/index.js";
import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { configYaml } from "../config/params.js";
import { redactText } from "../config/redact.js";
import { diskRemedy } from "../support/disk-remedy.js";
import { TrainscopeError, messageOf } from "../support/errors.js";
import { jsonNumber } from "../support/json-number.js";

/** What `summary.json` holds. */
export type Summary = Readonly<Record<string, unknown>> & Pick<FitResult, "history">;

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
export function writeSummary(dir: string, summary: Summary): void {
  const path = join(dir, "summary.json");
  const text = summaryText(summary);
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

/** The history is last, and a line a metric: thousands of epochs would be thousands of lines. */
function summaryText({ history, ...rest }: Summary): string {
  const lines = Object.entries(history).map(
    ([name, values]) => `    ${JSON.stringify(name)}: ${JSON.stringify(values, writable)}`,
  );
  const text = JSON.stringify(rest, writable, 2);
  const histories = lines.length === 0 ? "{}" : `{\n${lines.join(",\n")}\n  }`;
  return `${text.slice(0, text.lastIndexOf("\n"))},\n  "history": ${histories}\n}\n`;
}

/** Metrics are kept under any name; reasons and errors may quote a URL with its password. */
function writable(_key: string, value: unknown): unknown {
  if (typeof value === "number") return jsonNumber(value);
  return typeof value === "string" ? redactText(value) : value;
}

/** What `write` returns. What it throws becomes `ERR_RUN_DIR`. */
export function writing<T>(path: string, write: () => T): T {
  try {
    return write();
  } catch (cause) {
    throw notWritableError(path, cause);
  }
}

export function notWritableError(path: string, cause: unknown): TrainscopeError {
  return new TrainscopeError(
    "ERR_RUN_DIR",
    `${path} could not be written: ${messageOf(cause)}.\n${diskRemedy(cause, "runsDir")}`,
    { path: "runsDir", cause },
  );
}
