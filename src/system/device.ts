import { GIB, MIB, type SystemValues } from "./source.js";

/** What a driver's tool prints of one accelerator; NaN where it does not know. Memory in MiB, as the tools print it. */
export interface DeviceReading {
  index: number;
  uuid: string;
  memoryTotalMib: number;
  memoryUsedMib: number;
  utilizationPercent: number;
  temperatureCelsius: number;
  powerWatts: number;
  /** Why the device tells nothing, in the tool's words (`[GPU is lost]`); null where it tells something. */
  fault: string | null;
}

/** A device that tells nothing: it keeps its place among the others, and has no values. */
export function silentDevice(index: number, fault: string): DeviceReading {
  const unknown = Number.NaN;
  return {
    index,
    uuid: "",
    memoryTotalMib: unknown,
    memoryUsedMib: unknown,
    utilizationPercent: unknown,
    temperatureCelsius: unknown,
    powerWatts: unknown,
    fault,
  };
}

/** The kinds of accelerators, as metric names begin: `gpu_…`, `gpu.1/…`. */
export type DeviceKind = "gpu" | "hpu";

/**
 * Writes the values of one kind of accelerator: the first device's are `gpu_utilization_percent`, …; those of the others
 * `gpu.1/utilization_percent`, …, numbered by their place in the list. `ownMemoryMib` is what this process holds on a device,
 * where the driver reports it.
 */
export function writeDevices(
  values: SystemValues,
  kind: DeviceKind,
  devices: readonly DeviceReading[],
  ownMemoryMib: ReadonlyMap<string, number>,
): void {
  for (const [position, device] of devices.entries()) {
    const start = position === 0 ? `${kind}_` : `${kind}.${position}/`;
    write(values, `${start}memory_allocated_gb`, ((ownMemoryMib.get(device.uuid) ?? device.memoryUsedMib) * MIB) / GIB);
    write(values, `${start}memory_total_gb`, (device.memoryTotalMib * MIB) / GIB);
    write(values, `${start}utilization_percent`, device.utilizationPercent);
    write(values, `${start}temperature_celsius`, device.temperatureCelsius);
    write(values, `${start}power_watts`, device.powerWatts);
  }
}

function write(values: SystemValues, name: string, value: number): void {
  if (Number.isFinite(value)) values[name] = value;
}

/** One cell of a tool's table: `76`, `76 %`, `36 C`, `371,42`; NaN for `[N/A]`, `[Not Supported]`, `[GPU requires reset]`, `ERR!`. */
export function parseCell(cell: string | undefined): number {
  const number = /^[+-]?\d+(?:[.,]\d+)?(?=$|\s)/.exec(cell ?? "")?.[0];
  return number === undefined ? Number.NaN : Number(number.replace(",", "."));
}

/** True for a line of a table, whether it can be read or not: it begins with the device's index. */
export function isDeviceRow(line: string): boolean {
  return /^\s*\d+\s*,/.test(line);
}

/** A line of seven cells: index, uuid, total and used memory in MiB, utilisation, temperature, power; null for any other. */
export function parseDeviceRow(line: string): DeviceReading | null {
  if (!isDeviceRow(line)) return null;
  // A comma without a space after it may be that of a number.
  const spaced = line.trim().split(/,\s+/);
  const cells = spaced.length === 7 ? spaced : line.split(",").map((cell) => cell.trim());
  const [index = "", uuid = "", ...measured] = cells;
  if (cells.length !== 7) return null;
  const [total, used, utilization, temperature, power] = measured.map(parseCell) as [number, number, number, number, number];
  const isLost = measured.find((cell) => /\blost\b/i.test(cell));
  if (isLost !== undefined || measured.every((cell) => Number.isNaN(parseCell(cell))))
    return silentDevice(Number(index), isLost ?? measured[1] ?? "");
  return {
    index: Number(index),
    uuid,
    memoryTotalMib: total,
    memoryUsedMib: used,
    utilizationPercent: utilization,
    temperatureCelsius: temperature,
    powerWatts: power,
    fault: null,
  };
}
