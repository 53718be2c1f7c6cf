import { readFile } from "node:fs/promises";
import { arch, hostname, platform, release, userInfo } from "node:os";
import { redactRecord, redactText } from "../../config/redact.js";
import type { RunEnvironment, TrainableModel } from "../../contract/index.js";
import { within } from "../../support/bounded-wait.js";
import { ownWords } from "../../support/own-words.js";
import { acceleratorNames } from "./accelerators.js";
import { containerOf } from "./container.js";
import { gitState } from "./git.js";
import { cpuModel, memoryLimit, usableCores } from "./machine.js";

/** Longer than each part may take by itself. */
const TIMEOUT_MS = 2000;
const MAX_ARGUMENTS = 200;
const MAX_ARGUMENT = 1000;

/** What does not depend on the model, by working directory: found out once, since a process runs the code that it was started with. */
const known = new Map<string, Promise<Omit<RunEnvironment, "backend">>>();

/**
 * What this process was started in, with `directory` as the working directory.
 * - Nothing blocks the thread: programs (git, and nvidia-smi where the driver has no files) run beside it, each for a second at most.
 * - Never rejects: what cannot be found out is null, or empty.
 * - Holds no secret: those of the command line and of addresses are hidden, environment variables are not in it.
 */
export async function runEnvironment(
  model: Pick<TrainableModel<never>, "backend" | "packages">,
  directory: string,
): Promise<RunEnvironment> {
  const ofProcess = known.get(directory) ?? processEnvironment(directory);
  known.set(directory, ofProcess);
  const environment = await ofProcess;
  return {
    ...environment,
    packages: { ...environment.packages, ...versionsIn(model) },
    backend: ownWords(() => model.backend),
  };
}

async function processEnvironment(workingDirectory: string): Promise<Omit<RunEnvironment, "backend">> {
  const [version, git, model, cores, accelerators, container] = await Promise.all([
    orElse(packageVersion(), null),
    orElse(gitState(workingDirectory), null),
    orElse(cpuModel(), arch()),
    orElse(usableCores(), 1),
    orElse(acceleratorNames(), []),
    orElse(containerOf(), null),
  ]);
  return {
    command: commandLine([process.execPath, ...process.execArgv, ...process.argv.slice(1)]),
    workingDirectory,
    host: hostname(),
    user: userName(),
    os: `${platform()} ${release()} ${arch()}`,
    node: runtime(),
    packages: version === null ? {} : { trainscope: version },
    git,
    cpu: { model, cores },
    memoryBytes: memoryLimit(),
    accelerators,
    container,
  };
}

/** The arguments without secrets, also those in the argument after a flag: `--token abc`. */
export function commandLine(given: readonly string[]): string[] {
  const shown = redactRecord(given.slice(0, MAX_ARGUMENTS)) as readonly string[];
  const cut = shown.map((argument) => (argument.length > MAX_ARGUMENT ? `${argument.slice(0, MAX_ARGUMENT)}…` : argument));
  return given.length > MAX_ARGUMENTS ? [...cut, `[${given.length - MAX_ARGUMENTS} more]`] : cut;
}

async function orElse<T>(part: Promise<T>, otherwise: T): Promise<T> {
  const outcome = await within(part, { timeoutMs: TIMEOUT_MS }, "answer");
  return outcome.done ? outcome.value : otherwise;
}

async function packageVersion(): Promise<string | null> {
  const text = await readFile(new URL("../../../package.json", import.meta.url), "utf8");
  const { name, version } = JSON.parse(text) as { name?: unknown; version?: unknown };
  return name === "trainscope" && typeof version === "string" ? version : null; // a bundler may have put this file elsewhere
}

/** A user id without a name is an error of the operating system. */
function userName(): string | null {
  try {
    return userInfo().username;
  } catch {
    return null;
  }
}

function runtime(): string {
  const { bun, deno } = process.versions as Readonly<Record<string, string | undefined>>;
  if (bun !== undefined) return `bun ${bun}`;
  return deno === undefined ? process.version : `deno ${deno}`;
}

function versionsIn(model: Pick<TrainableModel<never>, "packages">): Record<string, string> {
  try {
    const packages: unknown = model.packages;
    if (typeof packages !== "object" || packages === null) return {};
    const entries = Object.entries(packages as Readonly<Record<string, unknown>>);
    return Object.fromEntries(
      entries.flatMap(([name, version]) => (typeof version === "string" ? [[name, redactText(version)]] : [])),
    );
  } catch {
    return {};
  }
}
