import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, tmpdir, totalmem } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { acceleratorNames, visibleNames } from "./accelerators.js";
import { containerIn } from "./container.js";
import { commandLine, runEnvironment } from "./index.js";
import { cpuQuota, memoryLimit, usableCores } from "./machine.js";

const root = mkdtempSync(join(tmpdir(), "trainscope-environment-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));
afterEach(() => vi.unstubAllEnvs());

/** A directory with these files. */
function files(name: string, texts: Readonly<Record<string, string>>): string {
  for (const [path, text] of Object.entries(texts)) {
    mkdirSync(dirname(join(root, name, path)), { recursive: true });
    writeFileSync(join(root, name, path), text);
  }
  return join(root, name);
}

test("what this process was started in", async () => {
  vi.stubEnv("MY_API_TOKEN", "environment-secret");
  const packages = { "@tensorflow/tfjs": "4.22.0", odd: 5 as unknown as string };
  const environment = await runEnvironment({ backend: "wasm", packages }, process.cwd());
  expect(environment).toMatchObject({
    workingDirectory: process.cwd(),
    node: process.version,
    packages: { trainscope: expect.stringMatching(/^\d+\.\d+\.\d+/), "@tensorflow/tfjs": "4.22.0" },
    backend: "wasm",
    cpu: { model: expect.stringMatching(/./), cores: expect.any(Number) },
  });
  expect(environment.command[0]).toBe(process.execPath);
  expect(environment.os).toMatch(/^\S+ \S+ \S+$/);
  expect(environment.packages).not.toHaveProperty("odd");
  expect(environment.cpu.cores).toBeGreaterThan(0);
  expect(environment.memoryBytes).toBeGreaterThan(0);
  expect(JSON.stringify(environment)).not.toContain("environment-secret");
  expect(await runEnvironment({}, process.cwd())).toMatchObject({ backend: null });
});

test.each([
  { given: ["node", "train.js", "--lr=0.1"], shown: ["node", "train.js", "--lr=0.1"] },
  { given: ["node", "--token", "abcdef", "--epochs", "3"], shown: ["node", "--token", "***", "--epochs", "3"] },
  { given: ["node", "https://me:pass@host/x", "--api-key=abcdef"], shown: ["node", "https://***@host/x", "--api-key=***"] },
  {
    given: ["node", "--api-key=abcdef", "x", "--password=abc", "y"],
    shown: ["node", "--api-key=***", "x", "--password=***", "y"],
  },
  { given: ["node", "-u", "me:pass"], shown: ["node", "-u", "***"] },
  { given: ["hf_abcdefghijklmnopqrstuvwxyzABCDEFGH"], shown: ["***"] },
  { given: ["x".repeat(1200)], shown: [`${"x".repeat(1000)}…`] },
])("the command line $shown", ({ given, shown }) => expect(commandLine(given)).toEqual(shown));

test("a command line without end is cut", () => {
  const shown = commandLine(Array.from({ length: 5000 }, (_, i) => `file-${i}`));
  expect(shown).toHaveLength(201);
  expect(shown.at(-1)).toBe("[4800 more]");
});

describe("cores", () => {
  test.each([
    { what: "version 2, no limit", texts: { "cpu.max": "max 100000\n", self: "0::/\n" }, quota: null },
    { what: "version 2", texts: { "cpu.max": "150000 100000\n", self: "0::/\n" }, quota: 1.5 },
    {
      what: "version 2, a group above",
      texts: { "a/cpu.max": "50000 100000", "a/b/cpu.max": "max 100000", self: "0::/a/b\n" },
      quota: 0.5,
    },
    {
      what: "version 1",
      texts: { "cpu/cpu.cfs_quota_us": "400000\n", "cpu/cpu.cfs_period_us": "100000\n", self: "4:cpu,cpuacct:/docker/abc\n" },
      quota: 4,
    },
    {
      what: "version 1, no limit",
      texts: { "cpu/cpu.cfs_quota_us": "-1\n", "cpu/cpu.cfs_period_us": "100000\n", self: "4:cpuacct,cpu:/\n" },
      quota: null,
    },
    { what: "nothing", texts: { self: "" }, quota: null },
    { what: "what is no number", texts: { "cpu.max": "many few\n", self: "0::/\n" }, quota: null },
  ])("quota of a control group: $what", async ({ what, texts, quota }) => {
    const dir = files(what, texts);
    expect(await cpuQuota(dir, join(dir, "self"))).toBe(quota);
  });

  test("are never more than the process may use, nor less than one", async () => {
    const cores = await usableCores();
    expect(cores).toBeGreaterThanOrEqual(1);
    expect(cores).toBeLessThanOrEqual(availableParallelism());
    expect(memoryLimit()).toBeLessThanOrEqual(totalmem());
  });
});

const ID = "0123456789abcdef".repeat(4);
test.each([
  {
    what: "podman",
    of: { podman: `engine="podman"\nid="${ID}"\nimage="docker.io/library/node:22"\n` },
    is: "docker.io/library/node:22",
  },
  { what: "podman without an image", of: { podman: `id="${ID}"\n` }, is: ID },
  { what: "apptainer", of: { image: "/images/train.sif" }, is: "/images/train.sif" },
  { what: "docker, control groups of version 1", of: { groups: `4:cpu:/docker/${ID}\n` }, is: ID },
  { what: "kubernetes", of: { groups: `0::/kubepods.slice/kubepods-pod1.slice/cri-containerd-${ID}.scope\n` }, is: ID },
  {
    what: "docker, version 2",
    of: { groups: "0::/\n", mounts: `745 727 8:1 /var/lib/docker/containers/${ID}/hostname /etc/hostname rw\n` },
    is: ID,
  },
  { what: "no container", of: { groups: "0::/user.slice/session-1.scope\n", mounts: "22 1 8:1 / / rw\n" }, is: null },
  { what: "a hash that is no container", of: { mounts: `22 1 8:1 /home/me/${ID} /data rw\n` }, is: null },
])("the container: $what", ({ of, is }) => expect(containerIn({ podman: "", mounts: "", groups: "", ...of })).toBe(is));

describe("accelerators", () => {
  beforeEach(() => vi.stubEnv("CUDA_VISIBLE_DEVICES", undefined));
  const nothing = join(root, "nothing");
  const tool = (folder: string, name: string, script: string): string => {
    const dir = files(folder, { [name]: `#!/bin/sh\n${script}\n` });
    chmodSync(join(dir, name), 0o755);
    return dir;
  };

  test("from the driver, without a process that is started", async () => {
    const driver = files("driver", {
      "0000:18:00.0/information": "Model: \t\t NVIDIA H100 80GB HBM3\nIRQ:   \t\t 56\n",
      "0000:04:00.0/information": "Model: \t\t NVIDIA L4\nGPU UUID: \t GPU-4a1b\n",
      "0000:99:00.0/information": "",
    });
    vi.stubEnv("PATH", tool("unused", "nvidia-smi", "echo wrong"));
    expect(await acceleratorNames(driver)).toEqual(["NVIDIA L4", "NVIDIA H100 80GB HBM3"]);
    expect(await acceleratorNames(driver, "1")).toEqual(["NVIDIA H100 80GB HBM3"]);
    expect(await acceleratorNames(driver, "GPU-4a")).toEqual(["NVIDIA L4"]);
  });

  test.runIf(process.platform !== "win32")("from the tools, where the driver has no files", async () => {
    const dir = tool("tools", "nvidia-smi", "echo 'NVIDIA L4'; echo; echo 'NVIDIA T4'");
    tool("tools", "hl-smi", "echo HL-225");
    vi.stubEnv("PATH", `${dir}:/bin:/usr/bin`);
    expect(await acceleratorNames(nothing)).toEqual(["NVIDIA L4", "NVIDIA T4", "HL-225"]);
    tool("tools", "nvidia-smi", "echo 'NVIDIA L4, GPU-aa11'; echo 'NVIDIA T4, GPU-bb22'");
    expect(await acceleratorNames(nothing, "GPU-bb22")).toEqual(["NVIDIA T4", "HL-225"]);
  });

  test.each([
    { visible: undefined, names: ["A", "B", "C"] },
    { visible: "", names: [] },
    { visible: "-1", names: [] },
    { visible: "2, 0", names: ["C", "A"] },
    { visible: "1,7,0", names: ["B"] },
    { visible: "1,-1,0", names: ["B"] },
    { visible: "GPU-bb", names: ["B"] },
    { visible: "GPU-", names: [] },
    { visible: "NoDevFiles", names: [] },
    { visible: "MIG-123/1/0", names: ["MIG-123/1/0"] },
    { visible: "MIG-GPU-cc22/1/0", names: ["C (MIG)"] },
  ])("those in CUDA_VISIBLE_DEVICES=$visible", ({ visible, names }) => {
    const gpus = [
      { name: "A", id: "GPU-aa00" },
      { name: "B", id: "GPU-bb11" },
      { name: "C", id: "GPU-cc22" },
    ];
    expect(visibleNames(gpus, visible)).toEqual(names);
    expect(visibleNames([], visible)).toEqual([]);
  });

  test.runIf(process.platform !== "win32")("none where a tool fails, or there is none", async () => {
    vi.stubEnv("PATH", tool("failing", "nvidia-smi", "echo 'Failed to initialize NVML'; exit 9"));
    expect(await acceleratorNames(nothing)).toEqual([]);
    vi.stubEnv("PATH", nothing);
    expect(await acceleratorNames(nothing)).toEqual([]);
  });
});
