import { open, readFile } from "node:fs/promises";
import { arch, availableParallelism, cpus, totalmem } from "node:os";
import { join } from "node:path";

/** The start of a file, or "" where it cannot be read. Files of the kernel may be long, and have no size. */
export async function startOf(path: string, bytes = 4096): Promise<string> {
  try {
    const file = await open(path, "r");
    try {
      const { bytesRead, buffer } = await file.read(Buffer.alloc(bytes), 0, bytes, 0);
      return buffer.toString("utf8", 0, bytesRead);
    } finally {
      await file.close();
    }
  } catch {
    return "";
  }
}

/** The processor as the operating system names it. On Linux `os.cpus()` asks every core for its clock, which may take milliseconds. */
export async function cpuModel(): Promise<string> {
  const listed = /^(?:model name|Model|cpu model|Processor)\s*:\s*(.+)$/m.exec(await startOf("/proc/cpuinfo"))?.[1]?.trim();
  if (listed !== undefined && listed !== "") return listed;
  const model = process.platform === "linux" ? "" : (cpus()[0]?.model.trim() ?? "");
  return model === "" ? arch() : model;
}

/** Cores that this process may use: by its affinity, and by the quota of its container where that is lower. */
export async function usableCores(): Promise<number> {
  const quota = process.platform === "linux" ? await cpuQuota("/sys/fs/cgroup") : null;
  const cores = availableParallelism();
  return quota === null ? cores : Math.max(1, Math.min(cores, Math.ceil(quota)));
}

/** Cores' worth of time that the control group below `root` grants; null where there is no limit. Version 2, else version 1. */
export async function cpuQuota(root: string, own = "/proc/self/cgroup"): Promise<number | null> {
  const groups = await startOf(own);
  const v2 = /^0::(.*)$/m.exec(groups)?.[1];
  const v1 = /^\d+:(?:[^:]*,)?cpu(?:,[^:]*)?:(.*)$/m.exec(groups)?.[1];
  const limits = [
    ...directoriesOf(v2).map(async (path) => quotaOf(...split(await text(join(root, path, "cpu.max"))))),
    ...directoriesOf(v1).map(async (path) => {
      const [quota, period] = await Promise.all(
        ["cpu.cfs_quota_us", "cpu.cfs_period_us"].map((file) => text(join(root, "cpu", path, file))),
      );
      return quotaOf(quota, period);
    }),
  ];
  const found = (await Promise.all(limits)).filter((limit) => limit !== null);
  return found.length === 0 ? null : Math.min(...found);
}

/** A group's directory and those above it: each may limit it. In a container the root is often that of the container. */
function directoriesOf(group: string | undefined): string[] {
  if (group === undefined) return [];
  const parts = group.split("/").filter((part) => part !== "" && part !== "..");
  return Array.from({ length: parts.length + 1 }, (_, length) => parts.slice(0, length).join("/"));
}

function split(pair: string): [string, string] {
  const [quota = "", period = ""] = pair.trim().split(/\s+/);
  return [quota, period];
}

function quotaOf(quota = "", period = ""): number | null {
  const cores = Number(quota.trim() || Number.NaN) / Number(period.trim() || Number.NaN);
  return Number.isFinite(cores) && cores > 0 ? cores : null;
}

async function text(path: string): Promise<string> {
  return readFile(path, "utf8").catch(() => "");
}

/** Memory of the machine in bytes, or the limit of the container where it is lower. */
export function memoryLimit(): number {
  const total = totalmem();
  const limit = typeof process.constrainedMemory === "function" ? process.constrainedMemory() : undefined;
  return limit !== undefined && limit > 0 && limit < total ? limit : total;
}
