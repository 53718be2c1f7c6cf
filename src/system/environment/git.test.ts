import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterAll, afterEach, describe, expect, test, vi } from "vitest";
import { gitState, withoutCredentials } from "./git.js";

const root = mkdtempSync(join(tmpdir(), "trainscope-git-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));
afterEach(() => vi.unstubAllEnvs());

const hasGit = (() => {
  try {
    execFileSync("git", ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
})();

function git(dir: string, ...args: string[]): string {
  const identity = ["-c", "user.name=Test", "-c", "user.email=test@example.com", "-c", "init.defaultBranch=main"];
  return execFileSync("git", ["-C", dir, ...identity, ...args], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
}

function repository(name: string, ...commands: string[][]): string {
  const dir = join(root, name);
  mkdirSync(dir);
  git(dir, "init");
  for (const command of commands) git(dir, ...command);
  return dir;
}

const COMMIT = ["commit", "--allow-empty", "-m", "first"];

/** A program called `git` on the PATH, before all others. */
function fakeGit(name: string, script: string): void {
  const dir = join(root, name);
  mkdirSync(dir);
  writeFileSync(join(dir, "git"), `#!/bin/sh\n${script}\n`);
  chmodSync(join(dir, "git"), 0o755);
  vi.stubEnv("PATH", `${dir}${delimiter}${process.env["PATH"] ?? ""}`);
}

describe.skipIf(!hasGit)("gitState", () => {
  test("a clean tree, from a directory in it", async () => {
    const dir = repository("clean", COMMIT, ["remote", "add", "origin", "https://me:secret@example.com/team/net.git"]);
    mkdirSync(join(dir, "a", "b"), { recursive: true });
    writeFileSync(join(dir, "a", "b", "untracked"), "");
    expect(await gitState(join(dir, "a", "b"))).toEqual({
      commit: git(dir, "rev-parse", "HEAD"),
      branch: "main",
      remote: "https://example.com/team/net.git",
      dirty: false,
    });
  });

  test("a tracked file that differs makes it dirty", async () => {
    const dir = repository("dirty");
    writeFileSync(join(dir, "train.ts"), "1");
    git(dir, "add", ".");
    git(dir, ...COMMIT);
    expect(await gitState(dir)).toMatchObject({ dirty: false });
    writeFileSync(join(dir, "train.ts"), "22");
    expect(await gitState(dir)).toMatchObject({ dirty: true, branch: "main", remote: null });
  });

  test("without a branch, and without a commit", async () => {
    expect(await gitState(repository("detached", COMMIT, ["checkout", "--detach"]))).toMatchObject({
      branch: null,
      dirty: false,
    });
    expect(await gitState(repository("unborn"))).toEqual({ commit: null, branch: "main", remote: null, dirty: false });
  });

  test("outside of a repository there is none, and git is not started", async () => {
    const dir = join(root, "plain");
    mkdirSync(dir);
    fakeGit("never", `touch ${join(root, "started")}`);
    expect(await gitState(dir)).toBeNull();
    expect(() => execFileSync("cat", [join(root, "started")], { stdio: "ignore" })).toThrow("Command failed");
  });

  test("a tree that git does not trust says nothing", async () => {
    const dir = repository("untrusted", COMMIT);
    vi.stubEnv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1");
    expect(await gitState(dir)).toEqual({ commit: null, branch: null, remote: null, dirty: null });
  });

  test("without git there is none", async () => {
    const dir = repository("no-git", COMMIT);
    vi.stubEnv("PATH", join(root, "nothing"));
    expect(await gitState(dir)).toBeNull();
  });

  test("a tree that takes too long has its commit and branch all the same", async () => {
    const dir = repository("huge", COMMIT);
    const real = execFileSync("sh", ["-c", "command -v git"], { encoding: "utf8" }).trim();
    fakeGit("slow", `case "$*" in *status*) exec sleep 60;; esac\nexec ${real} "$@"`);
    const state = await gitState(dir, 3000);
    expect(state).toEqual({ commit: expect.stringMatching(/^[\da-f]{40}$/), branch: "main", remote: null, dirty: null });
  });

  test("more changes than are read are changes", async () => {
    const dir = repository("many", COMMIT);
    fakeGit("long", 'case "$*" in *status*) yes "1 .M N... 100644 100644 100644 a b file";; esac');
    expect(await gitState(dir)).toMatchObject({ dirty: true });
  });
});

test.each([
  ["https://user:token@example.com/a.git", "https://example.com/a.git"],
  ["https://ghp_0123456789abcdefghijABCDEFGHIJ@github.com/a/b", "https://github.com/a/b"],
  ["https://user:p@ss@example.com/a.git", "https://example.com/a.git"],
  ["https://example.com/a.git?access_token=abc#x", "https://example.com/a.git"],
  ["ssh://git@example.com:22/a.git\n", "ssh://example.com:22/a.git"],
  ["git@github.com:team/net.git", "git@github.com:team/net.git"],
  ["/srv/git/net.git", "/srv/git/net.git"],
  ["file:///srv/me@home/net.git", "file:///srv/me@home/net.git"],
])("the remote %j is %j", (remote, shown) => expect(withoutCredentials(remote)).toBe(shown));
