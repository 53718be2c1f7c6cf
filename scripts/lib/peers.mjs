/**
 * Programs of others that tests compare with, each in a folder of its own under .peers/. Plain Node, no dependencies.
 * - `pythonPeer`: a Python virtual environment with what `REQUIREMENTS` pins. Made on first use, kept while the list is
 *   the same; an interrupted or parallel making leaves either a whole environment or none.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./prepare.mjs";

/** One list for every Python that is still in use; the newest numpy does not install on all of them. */
const REQUIREMENTS = [
  'numpy==2.4.6; python_version >= "3.11"',
  'numpy==2.2.6; python_version == "3.10"',
  'numpy==2.0.2; python_version < "3.10"',
  'safetensors==0.8.0; python_version >= "3.10"',
  'safetensors==0.6.2; python_version < "3.10"',
  "tensorboard==2.21.0",
  "",
].join("\n");

const HOME = join(ROOT, ".peers/python");
const LIST = "requirements.txt";
const inVenv = (home) => join(home, process.platform === "win32" ? "Scripts/python.exe" : "bin/python");

/**
 * `{ python, missing }`: the environment's interpreter, or null and the reason why there is none.
 * @returns {{ python: string, missing: null } | { python: null, missing: string }}
 */
export function pythonPeer() {
  if (isReady(HOME)) return { python: inVenv(HOME), missing: null };
  const base = process.env.PYTHON ?? (process.platform === "win32" ? "python" : "python3");
  const found = attempt(base, ["-c", "import sys; sys.exit(0 if sys.version_info >= (3, 9) else 'is older than 3.9')"]);
  if (found !== null) return { python: null, missing: `no Python 3.9 or newer (${base} ${found})` };
  process.stderr.write(`trainscope: installing numpy, safetensors and tensorboard in .peers/python …\n`);
  const fresh = `${HOME}-${process.pid}`;
  try {
    const missing = make(base, fresh);
    if (missing !== null) return { python: null, missing };
    if (!isReady(HOME)) {
      rmSync(HOME, { recursive: true, force: true });
      renameSync(fresh, HOME); // `python -m …` and imports do not mind; only the scripts beside the interpreter would
    }
    return { python: inVenv(HOME), missing: null };
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}

function isReady(home) {
  return existsSync(inVenv(home)) && existsSync(join(home, LIST)) && readFileSync(join(home, LIST), "utf8") === REQUIREMENTS;
}

/** Why the environment could not be made, or null. The list is written last: it marks a whole one. */
function make(base, home) {
  mkdirSync(home, { recursive: true });
  const venv = attempt(base, ["-m", "venv", home]);
  if (venv !== null) return `no virtual environment (${venv})`;
  const list = join(home, "wanted.txt");
  writeFileSync(list, REQUIREMENTS);
  const options = ["--quiet", "--disable-pip-version-check", "--only-binary", ":all:", "--retries", "1", "--timeout", "20"];
  const installed = attempt(inVenv(home), ["-m", "pip", "install", ...options, "--requirement", list]);
  if (installed !== null) return `pip could not install numpy, safetensors and tensorboard (${installed})`;
  const imported = attempt(inVenv(home), ["-c", "import numpy, safetensors.numpy, tensorboard.program"]);
  if (imported !== null) return `numpy, safetensors or tensorboard does not load (${imported})`;
  renameSync(list, join(home, LIST));
  return null;
}

/** Runs a command; null when it succeeded, else its last line of errors. */
function attempt(command, args) {
  const { error, status, stderr } = spawnSync(command, args, { encoding: "utf8", timeout: 300_000 });
  if (error !== undefined) return error.message;
  return status === 0 ? null : (stderr.trim().split("\n").at(-1) ?? "") || `ended with ${status}`;
}
