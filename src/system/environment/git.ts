import { access } from "node:fs/promises";
import { dirname, join } from "node:path";
import { redactText } from "../../config/redact.js";
import type { GitState } from "../../contract/index.js";
import { printable } from "../../support/printable.js";
import { findExecutable } from "../find-executable.js";
import { commandOutput, type CommandOutput } from "./command.js";

const TIMEOUT_MS = 1000;
/** `status` takes no lock that a user's own git would wait for, and starts no monitor of the file system. */
const ENVIRONMENT = { GIT_OPTIONAL_LOCKS: "0", GIT_TERMINAL_PROMPT: "0" };
const OPTIONS = ["-c", "core.fsmonitor=false"];
const UNKNOWN: GitState = { commit: null, branch: null, remote: null, dirty: null };
type Git = (...args: string[]) => Promise<CommandOutput>;

/**
 * The git working tree around `directory`; null outside of one, and where git is not installed. What git refuses to say (a tree of
 * another user), or does not say in a second (a large tree), is null.
 */
export async function gitState(directory: string, timeoutMs: number = TIMEOUT_MS): Promise<GitState | null> {
  if (!(await isInRepository(directory))) return null; // each process that is started holds the thread; looking does not
  const file = await findExecutable("git");
  if (file === null) return null;
  const git: Git = (...args) => commandOutput(file, ["-C", directory, ...OPTIONS, ...args], { timeoutMs, env: ENVIRONMENT });
  const [state, remote] = await Promise.all([stateOf(git), git("config", "--get", "remote.origin.url")]);
  return { ...UNKNOWN, ...state, remote: remote.ok ? textOrNull(withoutCredentials(remote.stdout)) : null };
}

/** One command says it all; a tree that is too large for it has its commit and branch from two that read no files. */
async function stateOf(git: Git): Promise<Partial<GitState>> {
  const { ok, stdout } = await git("status", "--porcelain=v2", "--branch", "--untracked-files=no");
  const lines = stdout.split("\n").filter((line) => line !== "");
  if (lines.length === 0) return headOf(git);
  const header = (key: string): string => lines.find((line) => line.startsWith(`# ${key} `))?.slice(key.length + 3) ?? "";
  const branch = header("branch.head");
  const isDirty = lines.some((line) => !line.startsWith("#"));
  return {
    commit: commitIn(header("branch.oid")),
    branch: branch === "(detached)" ? null : textOrNull(branch),
    dirty: isDirty ? true : ok ? false : null,
  };
}

async function headOf(git: Git): Promise<Partial<GitState>> {
  const [commit, branch] = await Promise.all([
    git("rev-parse", "--verify", "--quiet", "HEAD"),
    git("symbolic-ref", "--short", "--quiet", "HEAD"),
  ]);
  return { commit: commitIn(commit.stdout.trim()), branch: branch.ok ? textOrNull(branch.stdout) : null };
}

function commitIn(text: string): string | null {
  return /^[\da-f]{40}(?:[\da-f]{24})?$/.test(text) ? text : null;
}

/** The address of a remote without user, password and query: `https://me:token@host/repo.git`, `git@host:repo.git`. */
export function withoutCredentials(remote: string): string {
  const address = remote.trim();
  const isUrl = /^[a-z][a-z\d+.-]*:\/\//i.test(address);
  if (!isUrl) return redactText(address);
  return redactText(address.replace(/^([^/]*:\/\/)[^/?#]*@/, "$1").replace(/[?#].*$/s, ""));
}

async function isInRepository(directory: string): Promise<boolean> {
  if ((process.env["GIT_DIR"] ?? "") !== "") return true;
  for (let at = directory; ; at = dirname(at)) {
    const isThere = await access(join(at, ".git")).then(
      () => true,
      () => false,
    );
    if (isThere) return true;
    if (dirname(at) === at) return false;
  }
}

function textOrNull(text: string): string | null {
  const trimmed = text.trim();
  return trimmed === "" ? null : printable(trimmed);
}
