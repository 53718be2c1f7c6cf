import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../lib/prepare.mjs";
import { attempt } from "./commands.mjs";

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
const interpreter = (home) => join(home, process.platform === "win32" ? "Scripts/python.exe" : "bin/python");

/** The interpreter of .peers/python, where that is whole and holds what `REQUIREMENTS` says; else null. */
export function findPython() {
  const list = join(HOME, LIST);
  return existsSync(interpreter(HOME)) && existsSync(list) && readFileSync(list, "utf8") === REQUIREMENTS
    ? interpreter(HOME)
    : null;
}

/** Makes it; null, or why that failed. An interrupted or parallel making leaves either a whole environment or none. */
export function makePython() {
  const base = process.env.PYTHON ?? (process.platform === "win32" ? "python" : "python3");
  const unfit = attempt(base, ["-c", "import sys; sys.exit(0 if sys.version_info >= (3, 9) else 'is older than 3.9')"]);
  if (unfit !== null) return `no Python 3.9 or newer (${base} ${unfit}); PYTHON=… names another`;
  const fresh = `${HOME}-${process.pid}`;
  try {
    const failed = fill(base, fresh);
    if (failed !== null || findPython() !== null) return failed;
    rmSync(HOME, { recursive: true, force: true });
    renameSync(fresh, HOME); // `python -m …` and imports do not mind; only the scripts beside the interpreter would
    return null;
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}

/** The list is written last: it marks a whole environment. */
function fill(base, home) {
  mkdirSync(home, { recursive: true });
  const venv = attempt(base, ["-m", "venv", home]);
  if (venv !== null) return `no virtual environment (${venv})`;
  const list = join(home, "wanted.txt");
  writeFileSync(list, REQUIREMENTS);
  const options = ["--quiet", "--disable-pip-version-check", "--only-binary", ":all:", "--retries", "1", "--timeout", "20"];
  const installed = attempt(interpreter(home), ["-m", "pip", "install", ...options, "--requirement", list]);
  if (installed !== null) return `pip could not install numpy, safetensors and tensorboard (${installed})`;
  const imported = attempt(interpreter(home), ["-c", "import numpy, safetensors.numpy, tensorboard.program"]);
  if (imported !== null) return `numpy, safetensors or tensorboard does not load (${imported})`;
  renameSync(list, join(home, LIST));
  return null;
}
