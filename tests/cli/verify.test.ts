/** `npx trainscope verify`, as it is built. */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { CheckpointManager } from "../../src/checkpoint/index.js";
import { Program } from "../checkpoint/children.js";
import { bundleAt } from "../checkpoint/programs/bundles.js";

const repository = resolve(fileURLToPath(new URL("../..", import.meta.url)));
const manifest = JSON.parse(readFileSync(join(repository, "package.json"), "utf8")) as {
  version: string;
  bin: { trainscope: string };
};
const root = mkdtempSync(join(tmpdir(), "trainscope-cli-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

function trainscope(...args: readonly string[]): { code: number | null; out: string; err: string } {
  const bin = join(repository, manifest.bin.trainscope);
  const { status, stdout, stderr } = spawnSync(process.execPath, [bin, ...args], { cwd: root, encoding: "utf8" });
  return { code: status, out: stdout, err: stderr };
}

/** The same, while this process continues to read what another one writes. */
async function trainscopeBeside(...args: readonly string[]): Promise<ReturnType<typeof trainscope>> {
  const child = spawn(process.execPath, [join(repository, manifest.bin.trainscope), ...args], { cwd: root });
  let [out, err] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text: string) => (out += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (err += text));
  const [code] = (await once(child, "close")) as [number | null];
  return { code, out, err };
}

beforeAll(async () => {
  const manager = new CheckpointManager({ dir: join(root, "good") });
  for (let step = 1; step <= 3; step++) await manager.save(bundleAt(step, 1), { epoch: 0, step }).committed;
  await manager.close();
  writeFileSync(join(root, "good/notes.txt"), "not ours");
  cpSync(join(root, "good"), join(root, "bad"), { recursive: true });
  truncateSync(join(root, "bad/epoch-0-step-1/model.safetensors"), 100);
  rmSync(join(root, "bad/epoch-0-step-1/run.json"));
  writeFileSync(join(root, "bad/epoch-0-step-3/manifest.json"), '{ "format": "trainscope.checkpoint", "version": 99 }');
  cpSync(join(root, "good"), join(root, "run/checkpoints"), { recursive: true });
  writeFileSync(join(root, "run/config.yaml"), "maxEpochs: 1\n");
  mkdirSync(join(root, "empty"));
});

describe("verify", () => {
  test.each(["good", "run", "run/checkpoints", "./good/"])("%s: all good", (dir) => {
    expect(trainscope("verify", dir)).toEqual({ code: 0, out: "3 checkpoints, all good\n", err: "" });
  });

  test("one line for each fault", () => {
    const { code, out, err } = trainscope("verify", "bad");
    expect({ code, err }).toEqual({ code: 1, err: "" });
    const lines = out.trimEnd().split("\n");
    expect(lines.toSorted()).toEqual([
      "3 faults in 2 of 3 checkpoints",
      expect.stringMatching(/^epoch-0-step-1\/model\.safetensors: it has 100 bytes, its manifest says \d+$/),
      "epoch-0-step-1/run.json: it is missing",
      expect.stringMatching(/^epoch-0-step-3\/manifest\.json: .*version 99/),
    ]);
    expect(lines.at(-1)).toBe("3 faults in 2 of 3 checkpoints");
  });

  test("as JSON", () => {
    const good = trainscope("verify", "run", "--json");
    expect(good).toMatchObject({ code: 0, err: "" });
    expect(JSON.parse(good.out)).toEqual({
      dir: "run/checkpoints",
      checkpoints: ["epoch-0-step-1", "epoch-0-step-2", "epoch-0-step-3"],
      faults: [],
    });
    const bad = trainscope("verify", "--json", "bad");
    expect(bad.code).toBe(1);
    expect(JSON.parse(bad.out)).toMatchObject({ dir: "bad", faults: { length: 3 } });
    expect((JSON.parse(bad.out) as { faults: unknown[] }).faults).toContainEqual({
      checkpoint: "epoch-0-step-1",
      file: "run.json",
      problem: "it is missing",
    });
  });

  test("nothing to verify is not good news", () => {
    expect(trainscope("verify", "empty")).toEqual({ code: 1, out: "", err: 'There are no checkpoints in "empty".\n' });
    expect(JSON.parse(trainscope("verify", "empty", "--json").out)).toEqual({ dir: "empty", checkpoints: [], faults: [] });
  });

  test("changes nothing, what a dead process left behind included", () => {
    cpSync(join(root, "good"), join(root, "left"), { recursive: true });
    mkdirSync(join(root, "left/.saving-epoch-0-step-4-1"));
    const entries = (): Set<unknown> => new Set(readdirSync(join(root, "left"), { recursive: true, encoding: "utf8" }));
    const before = entries();
    expect(trainscope("verify", "left").code).toBe(0);
    expect(entries()).toEqual(before);
  });
});

test("a run that saves and deletes meanwhile is not reported as damage", async () => {
  const dir = join(root, "live");
  const saver = new Program("saver.ts", [dir, JSON.stringify({ steps: 1e6, kilobytes: 50 })]);
  onTestFinished(() => saver.kill());
  await saver.says("committed", 4);
  for (let i = 0; i < 10; i++) {
    const { code, out, err } = await trainscopeBeside("verify", dir);
    expect({ code, out, err }).toEqual({
      code: 0,
      out: expect.stringMatching(/^\d+ checkpoints?, all good\n$/) as string,
      err: "",
    });
  }
  expect(saver.process.exitCode).toBeNull();
});

describe("where the output goes", () => {
  const bin = join(repository, manifest.bin.trainscope);
  const shell = (command: string): { code: number | null; out: string; err: string } => {
    const { status, stdout, stderr } = spawnSync("/bin/sh", ["-c", command, process.execPath, bin], {
      cwd: root,
      encoding: "utf8",
    });
    return { code: status, out: stdout, err: stderr };
  };

  test.each(["verify good", "verify bad --json", "--help", "verify nowhere 2>&1"])("%s | a reader who is gone", (args) => {
    // The reader ends first: the command writes into a pipe without a reader.
    const { err } = shell(`{ sleep 0.2; "$0" "$1" ${args}; echo "code $?" >&2; } | true`);
    expect(err).toMatch(/^code [012]\n$/);
  });

  test.runIf(existsSync("/dev/full"))("a full disk is a failure, and said", () => {
    expect(shell('"$0" "$1" verify good >/dev/full')).toEqual({
      code: 1,
      out: "",
      err: expect.stringMatching(/^The result could not be written: .*ENOSPC.*\n$/) as string,
    });
    expect(shell('"$0" "$1" verify nowhere 2>/dev/full').code).toBe(2);
  });

  test("names cannot control the terminal", () => {
    const name = "a\u001b[31m\u009b2J\u202eb\nc";
    cpSync(join(root, "good"), join(root, "odd", name), { recursive: true });
    cpSync(join(root, "odd", name, "epoch-0-step-1"), join(root, "odd", name, `x${name}`), { recursive: true });
    rmSync(join(root, "odd", name, `x${name}`, "run.json"));
    const shown = "a\\x1b[31m\\x9b2J\\u202eb\\nc";
    const controls = ["\u001b", "\u009b", "\u202e"];
    const { out } = trainscope("verify", `odd/${name}`);
    expect(out).toContain(`x${shown}/run.json: it is missing\n`);
    const json = trainscope("verify", `odd/${name}`, "--json").out;
    for (const control of controls) expect(json + out).not.toContain(control);
    expect(JSON.parse(json)).toMatchObject({ dir: `odd/${name}` });
    for (const args of [["verify", name], [name], ["verify", `--${name}`]]) {
      const { err } = trainscope(...args);
      expect(err).toContain("\\x1b[31m\\x9b2J\\u202e");
      for (const control of controls) expect(err).not.toContain(control);
    }
  });
});

describe("wrong arguments end with 2 and a hint", () => {
  test.each([
    { args: [], says: "Usage: trainscope" },
    { args: ["verfy", "good"], says: "unknown command 'verfy'\n(Did you mean verify?)" },
    { args: ["verify"], says: "missing required argument 'DIR'" },
    { args: ["verify", "good", "--jsn"], says: "unknown option '--jsn'\n(Did you mean --json?)" },
    { args: ["verify", "good", "bad"], says: "too many arguments" },
    { args: ["verify", "nowhere"], says: 'There is no directory "nowhere".' },
    { args: ["verify", "good/notes.txt"], says: 'There is no directory "good/notes.txt".' },
  ])("$args", ({ args, says }) => {
    const { code, out, err } = trainscope(...args);
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(err).toContain(says);
  });
});

test("--version, and --help with examples", () => {
  expect(trainscope("--version")).toEqual({ code: 0, out: `${manifest.version}\n`, err: "" });
  for (const args of [["--help"], ["verify", "--help"], ["help", "verify"]]) {
    const { code, out, err } = trainscope(...args);
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(out).toContain("Examples:\n  $ npx trainscope verify runs/digits/checkpoints");
  }
});
