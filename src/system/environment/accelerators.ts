import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { findExecutable } from "../find-executable.js";
import { commandOutput } from "./command.js";
import { startOf } from "./machine.js";

const TIMEOUT_MS = 1000;
const DRIVER = "/proc/driver/nvidia/gpus";
const MAX_NAME = 200;

/** The names of the NVIDIA GPUs and Gaudi HPUs of this machine, in the order of the driver; empty where a tool does not answer in a second. */
export async function acceleratorNames(driver: string = DRIVER): Promise<string[]> {
  const [gpus, hpus] = await Promise.all([
    fromDriver(driver).then((names) =>
      names.length > 0 ? names : listedBy("nvidia-smi", ["--query-gpu=name", "--format=csv,noheader"]),
    ),
    listedBy("hl-smi", ["-Q", "name", "-f", "csv,noheader"]),
  ]);
  return [...gpus, ...hpus];
}

/** What the NVIDIA driver says without a process that is started: `nvidia-smi` may take seconds. */
async function fromDriver(directory: string): Promise<string[]> {
  const addresses = await readdir(directory).catch((): string[] => []);
  const texts = await Promise.all(addresses.toSorted().map((address) => startOf(join(directory, address, "information"))));
  return texts.flatMap((text) => /^Model:\s*(.+)$/m.exec(text)?.[1]?.trim() ?? []);
}

async function listedBy(tool: string, args: readonly string[]): Promise<string[]> {
  const file = await findExecutable(tool);
  if (file === null) return [];
  const { ok, stdout } = await commandOutput(file, args, { timeoutMs: TIMEOUT_MS });
  if (!ok) return [];
  return stdout
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "" && line.length <= MAX_NAME);
}
