import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { findExecutable } from "../find-executable.js";
import { commandOutput } from "./command.js";
import { startOf } from "./machine.js";

const TIMEOUT_MS = 1000;
const DRIVER = "/proc/driver/nvidia/gpus";
const MAX_NAME = 200;

/** A GPU as its driver knows it. */
interface Gpu {
  readonly name: string;
  /** Such as "GPU-8f3a…"; "" where it is not known. */
  readonly id: string;
}

/**
 * The names of the NVIDIA GPUs that CUDA may use (`visible`), and of the Gaudi HPUs of this machine, in the order of the bus; empty where a
 * tool does not answer in a second.
 */
export async function acceleratorNames(
  driver: string = DRIVER,
  visible: string | undefined = process.env["CUDA_VISIBLE_DEVICES"],
): Promise<string[]> {
  const [gpus, hpus] = await Promise.all([
    fromDriver(driver).then(async (found) => (found.length > 0 ? found : fromTool())),
    listedBy("hl-smi", ["-Q", "name", "-f", "csv,noheader"]),
  ]);
  return [...visibleNames(gpus, visible), ...hpus];
}

/**
 * Of `gpus` those that `CUDA_VISIBLE_DEVICES` names by position or by the start of an id, in its order; the first that fits none ends the
 * list, as in CUDA. Where models differ CUDA may count from the fastest, unless `CUDA_DEVICE_ORDER` is `PCI_BUS_ID`.
 */
export function visibleNames(gpus: readonly Gpu[], visible: string | undefined): string[] {
  if (visible === undefined) return gpus.map(({ name }) => name);
  const names: string[] = [];
  for (const entry of visible.split(",")) {
    const name = nameFor(entry.trim(), gpus);
    if (name === undefined) break;
    names.push(name);
  }
  return names;
}

function nameFor(entry: string, gpus: readonly Gpu[]): string | undefined {
  if (/^\d+$/.test(entry)) return gpus[Number(entry)]?.name;
  const whole = /^MIG-(GPU-[^/]+)/.exec(entry)?.[1];
  if (whole !== undefined) return partOf(gpus.find(({ id }) => id === whole));
  if (entry.startsWith("MIG-")) return gpus.length === 0 ? undefined : entry.slice(0, MAX_NAME); // of which GPU is not known
  return entry.length > "GPU-".length ? gpus.find(({ id }) => id.startsWith(entry))?.name : undefined;
}

function partOf(gpu: Gpu | undefined): string | undefined {
  return gpu === undefined ? undefined : `${gpu.name} (MIG)`;
}

/** What the NVIDIA driver says without a process that is started: `nvidia-smi` may take seconds. */
async function fromDriver(directory: string): Promise<Gpu[]> {
  const addresses = await readdir(directory).catch((): string[] => []);
  const texts = await Promise.all(addresses.toSorted().map((address) => startOf(join(directory, address, "information"))));
  return texts.flatMap((text) => {
    const name = field(text, "Model");
    return name === "" ? [] : [{ name, id: field(text, "GPU UUID") }];
  });
}

function field(text: string, key: string): string {
  return new RegExp(`^${key}:[ \\t]*(.+)$`, "m").exec(text)?.[1]?.trim() ?? "";
}

async function fromTool(): Promise<Gpu[]> {
  const lines = await listedBy("nvidia-smi", ["--query-gpu=name,uuid", "--format=csv,noheader"]);
  return lines.map((line) => {
    const [name = "", id = ""] = line.split(/,\s*(?=GPU-)/);
    return { name, id };
  });
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
