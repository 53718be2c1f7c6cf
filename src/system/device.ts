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

/** One cell of a tool's table: `76`, `76 %`, `36 C`; NaN for `[N/A]`, `[Not Supported]`, `[GPU requires reset]`. */
export function parseCell(cell: string | undefined): number {
  return cell === undefined ? Number.NaN : Number.parseFloat(cell);
}

/** A line of seven cells: index, uuid, total and used memory in MiB, utilisation, temperature, power; null for any other. */
export function parseDeviceRow(line: string): DeviceReading | null {
  const [index, uuid, memoryTotal, memoryUsed, utilization, temperature, power, ...more] = line
    .split(",")
    .map((cell) => cell.trim());
  if (uuid === undefined || power === undefined || more.length > 0 || !/^\d+$/.test(index ?? "")) return null;
  return {
    index: Number(index),
    uuid,
    memoryTotalMib: parseCell(memoryTotal),
    memoryUsedMib: parseCell(memoryUsed),
    utilizationPercent: parseCell(utilization),
    temperatureCelsius: parseCell(temperature),
    powerWatts: parseCell(power),
  };
}
