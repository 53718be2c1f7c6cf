import { parseCell, parseDeviceRow, type DeviceReading } from "./device.js";

/** The columns that `parseNvidiaRow` reads, in this order. */
export const NVIDIA_GPU_COLUMNS: string = "index,uuid,memory.total,memory.used,utilization.gpu,temperature.gpu,power.draw";

/** The columns that `parseNvidiaProcessRow` reads, in this order. */
export const NVIDIA_PROCESS_COLUMNS: string = "pid,gpu_uuid,used_memory";

/** One line of `nvidia-smi --query-gpu=… --format=csv,noheader,nounits`, or null for any other line it prints. */
export function parseNvidiaRow(line: string): DeviceReading | null {
  return parseDeviceRow(line);
}

/** What one process holds on one GPU. */
export interface NvidiaProcessReading {
  pid: number;
  uuid: string;
  usedMib: number;
}

/** One line of `nvidia-smi --query-compute-apps=… --format=csv,noheader,nounits`, or null for any other line. */
export function parseNvidiaProcessRow(line: string): NvidiaProcessReading | null {
  const [pid, uuid, used, ...more] = line.split(",").map((cell) => cell.trim());
  if (uuid === undefined || more.length > 0 || !/^\d+$/.test(pid ?? "")) return null;
  const usedMib = parseCell(used);
  return Number.isFinite(usedMib) ? { pid: Number(pid), uuid, usedMib } : null;
}
