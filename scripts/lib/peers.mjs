/**
 * Programs of others that tests compare with. Plain Node, no dependencies.
 * - `pythonPeer`: a Python virtual environment with what `REQUIREMENTS` pins, in .peers/python. Made on first use, kept while
 *   the list is the same; an interrupted or parallel making leaves either a whole environment or none.
 * - `chromiumPeer`: the machine's Chromium. Root on a Debian without one installs Debian's; of several processes that want
 *   it at once one does, and the others wait for it.
 */
import { spawnSync } from "node:child_process";
import { accessSync, constants, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
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

const BROWSERS = ["chromium", "chromium-browser", "google-chrome"];
/** A font too: without one, pages have boxes for letters. */
const DEBIAN_BROWSER = "chromium fonts-dejavu-core";
/** The lock is given up when the shell ends; dpkg's own, which other programs hold, is waited for. */
const INSTALL = [
  "command -v chromium >/dev/null && exit 0",
  "apt-get -q update >&2 &&",
  `exec apt-get -q install -y --no-install-recommends -o DPkg::Lock::Timeout=240 ${DEBIAN_BROWSER}`,
].join("\n");

/**
 * `{ chromium, missing }`: the path of a Chromium that starts, or null and the reason why there is none.
 * @returns {{ chromium: string, missing: null } | { chromium: null, missing: string }}
 */
export function chromiumPeer() {
  const named = process.env.CHROMIUM;
  if (named !== undefined) {
    const found = startable(named);
    return found === null
      ? { chromium: null, missing: `CHROMIUM is ${named}, which does not start` }
      : { chromium: found, missing: null };
  }
  const found = firstStartable(BROWSERS);
  if (found !== null) return { chromium: found, missing: null };
  const none = `no ${BROWSERS.join(", ")} on the path`;
  if (onPath("apt-get") === null || process.getuid?.() !== 0) {
    return { chromium: null, missing: `${none}, and only root on a Debian installs it here; CHROMIUM=… names another` };
  }
  process.stderr.write(`trainscope: installing Debian's ${DEBIAN_BROWSER} (apt-get) …\n`);
  mkdirSync(join(ROOT, ".peers"), { recursive: true });
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  const failed = attempt("flock", [join(ROOT, ".peers/chromium.lock"), "sh", "-c", INSTALL], { env });
  if (failed !== null) return { chromium: null, missing: `${none}, and apt-get could not install it (${failed})` };
  const installed = firstStartable(BROWSERS);
  return installed === null
    ? { chromium: null, missing: "Debian's chromium does not start" }
    : { chromium: installed, missing: null };
}

function firstStartable(names) {
  for (const name of names) {
    const found = startable(name);
    if (found !== null) return found;
  }
  return null;
}

/** The path of a program that tells its version, or null. Some systems have a script of the name that only says what to install. */
function startable(name) {
  const path = onPath(name);
  return path !== null && attempt(path, ["--version"]) === null ? path : null;
}

/** Where a command is, as a shell would find it. */
function onPath(name) {
  if (/[/\\]/.test(name)) return isExecutable(name) ? name : null;
  const places = (process.env.PATH ?? "").split(delimiter).map((folder) => join(folder, name));
  return places.find(isExecutable) ?? null;
}

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Runs a command; null when it succeeded, else its last line of errors. */
function attempt(command, args, options = {}) {
  const { error, status, stderr } = spawnSync(command, args, { encoding: "utf8", timeout: 300_000, ...options });
  if (error !== undefined) return error.message;
  return status === 0 ? null : (stderr.trim().split("\n").at(-1) ?? "") || `ended with ${status}`;
}
