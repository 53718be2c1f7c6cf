import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { canMount, mountTmpfs, remount } from "../../tests/support/peers.js";
import type { GenericTrainerConfig } from "../contract/index.js";
import { resolveConfig } from "../config/index.js";
import { openRun } from "./open-run.js";
import { pathsOf } from "./paths.js";
import { writeSummary } from "./run-directory.js";
import { newRunInfo } from "./run-info.js";

const home = mkdtempSync(join(tmpdir(), "trainscope-run-directory-"));
afterAll(() => rmSync(home, { recursive: true, force: true })); // after the disks of the tests are released
let root = "";
beforeEach(() => {
  root = mkdtempSync(join(home, "test-"));
});

const isRoot = process.getuid?.() === 0;
const isWindows = process.platform === "win32";

async function open(given: GenericTrainerConfig): Promise<void> {
  const config = resolveConfig({ maxEpochs: 1, ...given });
  const listener = { onWait: () => {}, onLost: () => {}, isAbandoned: () => false };
  const { lock } = await openRun(newRunInfo(config, 0, 1), pathsOf(config), listener);
  lock?.release();
}

function mounted(size: string): string {
  const point = join(root, "disk");
  const { release } = mountTmpfs(point, size);
  onTestFinished(release);
  return point;
}

describe.skipIf(isWindows)("a runsDir that cannot be used says what to do about it", () => {
  const ROWS: [what: string, make: () => string, code: string, says: RegExp][] = [
    [
      "below a file",
      () => (writeFileSync(join(root, "file"), ""), join(root, "file", "runs")),
      "ENOTDIR",
      /A part of the path is a file\./,
    ],
    [
      "that is a file",
      () => (writeFileSync(join(root, "file"), ""), join(root, "file")),
      "EEXIST",
      /Something else has this name\./,
    ],
    [
      "with a name that is too long",
      () => join(root, "r".repeat(300)),
      "ENAMETOOLONG",
      /too long for the file system\. Shorten it/,
    ],
    [
      "behind links in a circle",
      () => (symlinkSync("loop", join(root, "loop")), join(root, "loop", "runs")),
      "ELOOP",
      /lead in a circle/,
    ],
  ];
  test.each(ROWS)("%s", async (_, make, code, says) => {
    const opening = open({ runsDir: make(), runName: "x" });
    await expect(opening).rejects.toMatchObject({ code: "ERR_RUN_DIR", path: "runsDir", cause: { code } });
    await expect(opening).rejects.toThrow(says);
    await expect(opening).rejects.toThrow(/or set runsDir to/);
  });

  test.skipIf(isRoot)("that this user may not write", async () => {
    chmodSync(root, 0o555);
    onTestFinished(() => chmodSync(root, 0o755));
    const opening = open({ runsDir: join(root, "runs") });
    await expect(opening).rejects.toThrow(/EACCES[^]*This user may not write there\. Change the permissions/);
  });

  test.skipIf(!canMount())("on a read-only disk, for a run with a name and for one without", async () => {
    const point = mounted("1m");
    remount(point, "ro");
    for (const more of [{}, { runName: "x" }]) {
      const opening = open({ runsDir: point, ...more });
      await expect(opening).rejects.toThrow(/EROFS[^]*The file system is read-only\. Mount it for writing, or set runsDir/);
    }
  });
});

describe("summary.json", () => {
  const read = (): unknown => JSON.parse(readFileSync(join(root, "summary.json"), "utf8"));

  test.skipIf(isWindows)("is written where links have its name or that of its temporary file; what they lead to stays", () => {
    const other = join(root, "other");
    writeFileSync(other, "mine");
    symlinkSync(other, join(root, "summary.json.tmp"));
    symlinkSync(other, join(root, "summary.json"));
    writeSummary(root, { a: 1, history: {} });
    expect(read()).toEqual({ a: 1, history: {} });
    expect(readFileSync(other, "utf8")).toBe("mine");
    expect(readdirSync(root).sort()).toEqual(["other", "summary.json"]);
  });

  test.skipIf(isWindows || !existsSync("/dev/full"))("is written where a device has the name of its temporary file", () => {
    symlinkSync("/dev/full", join(root, "summary.json.tmp"));
    writeSummary(root, { a: NaN, history: { "val/loss": [NaN, 0.5], x: [] } });
    expect(read()).toEqual({ a: "NaN", history: { "val/loss": ["NaN", 0.5], x: [] } });
  });

  test.each(["summary.json.tmp", "summary.json"])("a directory called %s is not deleted", (name) => {
    mkdirSync(join(root, name));
    expect(() => writeSummary(root, { history: {} })).toThrow(
      /summary\.json could not be written[^]*A directory has the name of the file\. Delete or rename it/,
    );
    expect(readdirSync(root)).toContain(name);
  });

  test.skipIf(!canMount())("on a full disk: the one before stays whole, and the error says what to do", () => {
    const point = mounted("64k");
    writeSummary(point, { a: 1, history: {} });
    const huge = { text: "x".repeat(200_000), history: {} };
    expect(() => writeSummary(point, huge)).toThrow(
      /ENOSPC[^]*The disk is full\. Free space on it, or set runsDir to another disk\./,
    );
    expect(JSON.parse(readFileSync(join(point, "summary.json"), "utf8"))).toEqual({ a: 1, history: {} });
    writeSummary(point, { a: 2, history: {} });
    expect(JSON.parse(readFileSync(join(point, "summary.json"), "utf8"))).toEqual({ a: 2, history: {} });
  });
});
