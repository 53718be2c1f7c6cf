import { parseDeviceRow, type DeviceReading } from "./device.js";

/** The columns that `parseGaudiRow` reads, in this order. */
export const GAUDI_COLUMNS: string = "index,uuid,memory.total,memory.used,utilization.aip,temperature.aip,power.draw";

/** One line of `hl-smi -Q … -f csv,noheader,nounits`, or null for any other line. Versions that print units nevertheless are read too. */
export function parseGaudiRow(line: string): DeviceReading | null {
  return parseDeviceRow(line);
}
