import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { writeDevices, type DeviceReading } from "./device.js";
import { parseGaudiRow } from "./gaudi-csv.js";
import { parseNvidiaProcessRow, parseNvidiaRow } from "./nvidia-csv.js";
import type { SystemValues } from "./source.js";

function rows(file: string, parse: (line: string) => DeviceReading | null): DeviceReading[] {
  const lines = readFileSync(new URL(`./fixtures/${file}`, import.meta.url), "utf8").split("\n");
  return lines.map(parse).filter((row) => row !== null);
}

function named(kind: "gpu" | "hpu", devices: DeviceReading[], own: [string, number][] = []): SystemValues {
  const values: SystemValues = {};
  writeDevices(values, kind, devices, new Map(own));
  return values;
}

describe("nvidia-smi", () => {
  test("a busy and an idle GPU: the first has the plain names, and 0 is a value", () => {
    expect(named("gpu", rows("nvidia-smi-gpus.csv", parseNvidiaRow))).toEqual({
      gpu_memory_allocated_gb: 40536 / 1024,
      gpu_memory_total_gb: 80,
      gpu_utilization_percent: 97,
      gpu_temperature_celsius: 61,
      gpu_power_watts: 371.42,
      "gpu.1/memory_allocated_gb": 4 / 1024,
      "gpu.1/memory_total_gb": 80,
      "gpu.1/utilization_percent": 0,
      "gpu.1/temperature_celsius": 31,
      "gpu.1/power_watts": 58.1,
    });
  });

  test("what this process holds comes before what is used", () => {
    const devices = rows("nvidia-smi-gpus.csv", parseNvidiaRow);
    const values = named("gpu", devices, [[devices[1]?.uuid ?? "", 2048]]);
    expect(values).toMatchObject({ gpu_memory_allocated_gb: 40536 / 1024, "gpu.1/memory_allocated_gb": 2 });
  });

  test("what a GPU does not tell is left out", () => {
    expect(named("gpu", rows("nvidia-smi-unknown.csv", parseNvidiaRow))).toEqual({
      gpu_memory_allocated_gb: 612 / 1024,
      gpu_memory_total_gb: 8,
      gpu_temperature_celsius: 47,
      "gpu.1/memory_allocated_gb": 5 / 1024,
      "gpu.1/memory_total_gb": 40,
    });
  });

  test("a lost GPU keeps its place and has no values", () => {
    expect(named("gpu", rows("nvidia-smi-lost.csv", parseNvidiaRow))).toEqual({
      "gpu.1/memory_allocated_gb": 4 / 1024,
      "gpu.1/memory_total_gb": 80,
      "gpu.1/utilization_percent": 0,
      "gpu.1/temperature_celsius": 31,
      "gpu.1/power_watts": 58.1,
    });
  });

  test.each([
    { name: "numbers with a comma", line: "0, GPU-5a3f, 81920, 40536, 97, 61, 371,42", power: 371.42, fault: null },
    { name: "no spaces", line: "0,GPU-5a3f,81920,40536,97,61,371.42", power: 371.42, fault: null },
    { name: "units", line: "0, GPU-5a3f, 81920 MiB, 40536 MiB, 97 %, 61, 371.42 W\r", power: 371.42, fault: null },
    { name: "ERR!", line: "0, GPU-5a3f, 81920, 40536, 97, 61, ERR!", power: NaN, fault: null },
    { name: "no rights", line: "0, GPU-5a3f, 1, [Insufficient Permissions], [N/A], [N/A], [N/A]", power: NaN, fault: null },
    { name: "a lost GPU", line: "0, [GPU is lost], 81920, 40536, 97, [GPU is lost], 371.42", power: NaN, fault: "[GPU is lost]" },
    {
      name: "a GPU that needs a reset",
      line: "0, GPU-5a3f, [N/A], [GPU requires reset], [GPU requires reset], [GPU requires reset], [N/A]",
      power: NaN,
      fault: "[GPU requires reset]",
    },
  ])("row: $name", ({ line, power, fault }) => expect(parseNvidiaRow(line)).toMatchObject({ powerWatts: power, fault }));

  test.each([
    "index, uuid, memory.total [MiB], memory.used [MiB], utilization.gpu [%], temperature.gpu, power.draw [W]",
    "0, GPU-5a3f, 81920",
    "0, GPU-5a3f, 81920, 40536, 97, 61, 371.42, 5",
    "+-----+",
    "",
  ])("no row: %s", (line) => expect(parseNvidiaRow(line)).toBeNull());

  test("a message is not a row", () => expect(rows("nvidia-smi-failed.txt", parseNvidiaRow)).toEqual([]));

  test.each([
    { line: "4711, GPU-5a3f, 512", reading: { pid: 4711, uuid: "GPU-5a3f", usedMib: 512 } },
    { line: "4711, GPU-5a3f, [N/A]", reading: null },
    { line: "No running processes found", reading: null },
    { line: "", reading: null },
  ])("process row: $line", ({ line, reading }) => expect(parseNvidiaProcessRow(line)).toEqual(reading));
});

describe("hl-smi", () => {
  test("two cards", () => {
    expect(named("hpu", rows("hl-smi-gaudi.csv", parseGaudiRow))).toEqual({
      hpu_memory_allocated_gb: 0.5,
      hpu_memory_total_gb: 32,
      hpu_utilization_percent: 15,
      hpu_temperature_celsius: 36,
      hpu_power_watts: 103,
      "hpu.1/memory_allocated_gb": 31,
      "hpu.1/memory_total_gb": 32,
      "hpu.1/utilization_percent": 100,
      "hpu.1/temperature_celsius": 62,
      "hpu.1/power_watts": 341,
    });
  });

  test("a version that prints units all the same", () => {
    expect(named("hpu", rows("hl-smi-gaudi3-units.csv", parseGaudiRow))).toMatchObject({
      hpu_memory_total_gb: 128,
      hpu_utilization_percent: 0,
    });
  });
});
