import { chmodSync, existsSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { SystemSamplerOptions } from "./options.js";
import { SystemSampler } from "./sampler.js";

const path = process.env.PATH ?? "";
let folder: string;
let messages: string[];
let samplers: SystemSampler[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "trainscope-smi-"));
  process.env.PATH = `${folder}${delimiter}${path}`;
  messages = [];
  samplers = [];
});

afterEach(async () => {
  for (const sampler of samplers) await sampler.close();
  process.env.PATH = path;
  rmSync(folder, { recursive: true, force: true });
});

/** A command on the PATH that counts its starts and leaves its process id behind. */
function fakeTool(command: string, script: string): void {
  const file = join(folder, command);
  writeFileSync(file, `#!/bin/sh\necho "$$ $*" >> "${folder}/${command}.starts"\n${script}\n`);
  chmodSync(file, 0o755);
}

function starts(command: string): { pid: number; args: string }[] {
  const file = join(folder, `${command}.starts`);
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, "utf8").trim().split("\n");
  return lines.map((line) => ({ pid: Number(line.split(" ")[0]), args: line.slice(line.indexOf(" ") + 1) }));
}

const fixture = (name: string): string => fileURLToPath(new URL(`./fixtures/${name}`, import.meta.url));

/** Prints like the tool in its loop mode. */
const loopOver = (file: string): string => `while cat "${fixture(file)}" 2>/dev/null; do sleep 0.05; done`;

/** As nvidia-smi: its list of processes has ours, with the parent of the tool standing for it. */
const nvidiaWithProcess = `case "$1" in
  --query-compute-apps*) while echo "$PPID, GPU-b0c7d2f4-61de-93a8-7f02-1c8e5d4b6a90, 2048" && echo "1, GPU-b0c7d2f4-61de-93a8-7f02-1c8e5d4b6a90, 7"; do sleep 0.05; done ;;
  *) ${loopOver("nvidia-smi-gpus.csv")} ;;
esac`;

function sampler(options: SystemSamplerOptions = {}): SystemSampler {
  const made = new SystemSampler({
    logCpu: false,
    logMemory: false,
    minIntervalMs: 0,
    deviceTimeoutMs: 4000,
    onWarning: (message) => messages.push(`warning: ${message}`),
    onInfo: (message) => messages.push(`info: ${message}`),
    ...options,
  });
  samplers.push(made);
  return made;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !/^State:\s+Z/m.test(existsSync(`/proc/${pid}/status`) ? readFileSync(`/proc/${pid}/status`, "utf8") : "");
  } catch {
    return false;
  }
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await sleep(10);
}

describe.runIf(process.platform === "linux")("accelerators", () => {
  test("every GPU in the first sample; the tool is started once for many samples", async () => {
    fakeTool("nvidia-smi", loopOver("nvidia-smi-gpus.csv"));
    const system = sampler();
    expect(await system.sample()).toMatchObject({ gpu_utilization_percent: 97, "gpu.1/utilization_percent": 0 });
    for (let i = 0; i < 5; i++) await system.sample();
    const queries = starts("nvidia-smi").filter(({ args }) => args.startsWith("--query-gpu"));
    expect(queries).toHaveLength(1);
    expect(queries[0]?.args).toContain("-lms 1000");
    expect(messages).toEqual([]);
  });

  test("what this process holds on a GPU, once the driver reports it", async () => {
    fakeTool("nvidia-smi", nvidiaWithProcess);
    const system = sampler();
    let values = await system.sample();
    while (values["gpu.1/memory_allocated_gb"] !== 2) {
      await sleep(10);
      values = await system.sample();
    }
    expect(values.gpu_memory_allocated_gb).toBe(40536 / 1024);
  });

  test("one chosen GPU has the plain names", async () => {
    fakeTool("nvidia-smi", loopOver("nvidia-smi-gpus.csv"));
    const values = await sampler({ gpuDevice: 1 }).sample();
    expect(values.gpu_temperature_celsius).toBe(31);
    expect(Object.keys(values).some((name) => name.startsWith("gpu."))).toBe(false);
  });

  test("a chosen GPU that is not there is reported, with those that are", async () => {
    fakeTool("nvidia-smi", loopOver("nvidia-smi-gpus.csv"));
    expect(await sampler({ gpuDevice: 7 }).sample()).toEqual({});
    expect(messages).toEqual([expect.stringContaining("gpuDevice 7 is not there; nvidia-smi lists: 0, 1")]);
  });

  test("the framework's own pool", async () => {
    fakeTool("nvidia-smi", loopOver("nvidia-smi-gpus.csv"));
    expect(await sampler({ reservedBytes: () => 3 * 1024 ** 3 }).sample()).toMatchObject({ gpu_memory_reserved_gb: 3 });
  });

  test("Gaudi cards", async () => {
    fakeTool("hl-smi", loopOver("hl-smi-gaudi.csv"));
    expect(await sampler().sample()).toMatchObject({ hpu_utilization_percent: 15, "hpu.1/power_watts": 341 });
    expect(starts("hl-smi")[0]?.args).toMatch(/^-Q index,.* -f csv,noheader,nounits -l 1$/);
  });

  test("no tool at all is reported once, and not looked for again", async () => {
    process.env.PATH = folder;
    const system = sampler();
    await system.sample();
    fakeTool("nvidia-smi", loopOver("nvidia-smi-gpus.csv"));
    expect(await system.sample()).toEqual({});
    expect(messages).toEqual([expect.stringMatching(/^info: No accelerator metrics: neither nvidia-smi nor hl-smi/)]);
  });

  /** Prints the file `now` of the test's folder again and again; the test replaces it. */
  function changingTool(): { show: (text: string) => void } {
    const show = (text: string): void => {
      writeFileSync(join(folder, "next"), text);
      renameSync(join(folder, "next"), join(folder, "now"));
    };
    fakeTool("nvidia-smi", `while cat "${folder}/now" 2>/dev/null; do sleep 0.02; done`);
    return { show };
  }

  const bothGpus = readFileSync(fixture("nvidia-smi-gpus.csv"), "utf8");

  test.each([
    {
      name: "is listed no longer",
      file: "nvidia-smi-fell-off.txt",
      says: /it is no longer listed\. nvidia-smi printed: Unable to determine the device handle/,
    },
    { name: "is listed as lost", file: "nvidia-smi-lost.csv", says: /: \[GPU is lost\]\.$/ },
  ])("a GPU that $name: its values end, the others keep their names, and it may come back", async ({ file, says }) => {
    const tool = changingTool();
    tool.show(bothGpus);
    const system = sampler();
    let values = await system.sample();
    expect(values).toMatchObject({ gpu_utilization_percent: 97, "gpu.1/utilization_percent": 0 });
    tool.show(readFileSync(fixture(file), "utf8"));
    while (values["gpu_utilization_percent"] !== undefined) {
      await sleep(10);
      values = await system.sample();
    }
    for (let i = 0; i < 3; i++) values = await system.sample();
    expect(Object.keys(values).filter((name) => name.startsWith("gpu_"))).toEqual([]);
    expect(values).toMatchObject({ "gpu.1/utilization_percent": 0, "gpu.1/power_watts": 58.1 });
    expect(messages).toEqual([expect.stringMatching(says)]);
    expect(messages[0]).toMatch(/^warning: Device 0 \(GPU-5a3f1c0e[^)]*\) of nvidia-smi gives no metrics now: /);
    tool.show(bothGpus);
    while (values["gpu_utilization_percent"] === undefined) {
      await sleep(10);
      values = await system.sample();
    }
    expect(messages).toHaveLength(1);
  });

  test("the one chosen GPU is lost", async () => {
    const tool = changingTool();
    tool.show(bothGpus);
    const system = sampler({ gpuDevice: 1 });
    let values = await system.sample();
    tool.show(bothGpus.split("\n", 1).join("") + "\n");
    while (Object.keys(values).length > 0) {
      await sleep(10);
      values = await system.sample();
    }
    expect(messages).toEqual([expect.stringMatching(/^warning: Device 1 .* it is no longer listed\.$/)]);
  });

  test("a row that cannot be read is quoted once, and the others are read", async () => {
    const tool = changingTool();
    tool.show(`0, GPU-5a3f, 81920, new \u001b[31mcolumn\n${bothGpus.split("\n")[1]}\n`);
    const system = sampler();
    expect(await system.sample()).toMatchObject({ "gpu.1/temperature_celsius": 31 });
    await system.sample();
    expect(messages).toEqual([
      'warning: Device 0 of nvidia-smi gives no metrics now: its row cannot be read: "0, GPU-5a3f, 81920, new \\x1b[31mcolumn".',
    ]);
  });

  test("rows that cannot be read are quoted, not called nothing", async () => {
    const tool = changingTool();
    tool.show("0; GPU-5a3f; 81920\n");
    expect(await sampler({ deviceTimeoutMs: 300 }).sample()).toEqual({});
    expect(messages).toEqual([
      expect.stringContaining(
        'it printed nothing that can be read in 300 ms, but: "0; GPU-5a3f; 81920". It is not started again',
      ),
    ]);
  });

  test("a header is passed over", async () => {
    fakeTool("nvidia-smi", `echo "index, uuid, memory.total [MiB]"; ${loopOver("nvidia-smi-gpus.csv")}`);
    expect(await sampler().sample()).toMatchObject({ gpu_utilization_percent: 97 });
    expect(messages).toEqual([]);
  });

  test("numbers are asked for with a point", async () => {
    fakeTool("nvidia-smi", `echo "$LC_ALL" >> "${folder}/locale"; ${loopOver("nvidia-smi-gpus.csv")}`);
    await sampler().sample();
    expect(readFileSync(join(folder, "locale"), "utf8")).toMatch(/^C\n/);
  });

  test.each([
    {
      file: "nvidia-smi-mismatch.txt",
      code: 18,
      says: /ended with code 18 and printed: Failed to initialize NVML: Driver\/library version mismatch/,
    },
    { file: "nvidia-smi-fell-off.txt", code: 255, says: /Unable to determine the device handle/ },
  ])("a tool that ends with code $code", async ({ file, code, says }) => {
    fakeTool("nvidia-smi", `head -1 "${fixture(file)}"; exit ${code}`);
    expect(await sampler().sample()).toEqual({});
    expect(messages).toEqual([expect.stringMatching(says)]);
  });

  test("a tool without a device", async () => {
    fakeTool("nvidia-smi", "echo 'No devices were found'; exit 6");
    expect(await sampler().sample()).toEqual({});
    expect(messages).toEqual([expect.stringMatching(/^info: nvidia-smi found no device/)]);
  });

  test("a driver that is not loaded: what the tool printed is in the warning", async () => {
    fakeTool("nvidia-smi", `cat "${fixture("nvidia-smi-failed.txt")}"; exit 9`);
    const system = sampler();
    expect(await system.sample()).toEqual({});
    expect(await system.sample()).toEqual({});
    expect(messages).toEqual([
      expect.stringMatching(/^warning: nvidia-smi gives no metrics: it ended with code 9 and printed: NVIDIA-SMI has failed/),
    ]);
    expect(starts("nvidia-smi")).toHaveLength(1);
  });

  test("a tool that hangs is killed and reported once", async () => {
    fakeTool("nvidia-smi", "exec sleep 600");
    const system = sampler({ deviceTimeoutMs: 300 });
    expect(await system.sample()).toEqual({});
    expect(await system.sample()).toEqual({});
    expect(messages).toEqual([expect.stringContaining("it printed nothing in 300 ms")]);
    await until(() => !isAlive(starts("nvidia-smi")[0]?.pid ?? 0));
  });

  test("a tool that falls silent later is killed too", async () => {
    fakeTool("nvidia-smi", `cat "${fixture("nvidia-smi-gpus.csv")}"; exec sleep 600`);
    const system = sampler({ deviceTimeoutMs: 1000 });
    expect(await system.sample()).toMatchObject({ gpu_utilization_percent: 97 });
    await sleep(1100);
    expect(await system.sample()).toEqual({});
    expect(messages).toEqual([expect.stringContaining("it printed nothing for 1000 ms")]);
  });

  test("a main thread that was busy is not taken for a silent tool", async () => {
    fakeTool("nvidia-smi", loopOver("nvidia-smi-gpus.csv"));
    const system = sampler({ deviceTimeoutMs: 1000 });
    await system.sample();
    const endMs = performance.now() + 1300;
    while (performance.now() < endMs); // no turn of the event loop
    expect(await system.sample()).toMatchObject({ gpu_utilization_percent: 97 });
    expect(messages).toEqual([]);
  });

  test("a tool that ends in the middle of a run", async () => {
    fakeTool(
      "nvidia-smi",
      `cat "${fixture("nvidia-smi-gpus.csv")}"; sleep 0.2; echo 'Unable to determine the device handle: GPU is lost' >&2; exit 15`,
    );
    const system = sampler();
    expect(await system.sample()).toMatchObject({ gpu_utilization_percent: 97 });
    while (messages.length === 0) {
      await sleep(10);
      await system.sample();
    }
    expect(messages).toEqual([expect.stringMatching(/ended with code 15 and printed: Unable to determine/)]);
    expect(await system.sample()).toEqual({});
  });

  test("close in the middle of a hang ends at once, with the sample that was under way, and leaves no process", async () => {
    fakeTool("nvidia-smi", "exec sleep 600");
    const system = sampler({ logMemory: true, deviceTimeoutMs: 60_000 });
    const sample = system.sample();
    await until(() => starts("nvidia-smi").length > 0);
    await system.close();
    expect((await sample).process_rss_gb).toBeGreaterThan(0);
    await until(() => !isAlive(starts("nvidia-smi")[0]?.pid ?? 0));
    expect(messages).toEqual([]);
  });

  test("close ends both loops of nvidia-smi", async () => {
    fakeTool("nvidia-smi", nvidiaWithProcess);
    const system = sampler();
    await system.sample();
    await until(() => starts("nvidia-smi").length === 2);
    await system.close();
    await until(() => starts("nvidia-smi").every(({ pid }) => !isAlive(pid)));
    expect(messages).toEqual([]);
  });
});
