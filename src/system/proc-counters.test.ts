import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { ByteRate } from "./byte-rate.js";
import { parseDiskStats, parseNetDev } from "./proc-counters.js";
import { MIB } from "./source.js";

const fixture = (name: string): string => readFileSync(new URL(`./fixtures/${name}`, import.meta.url), "utf8");

test("disks: whole disks only, no partitions, loops or mapped devices", () => {
  const counts = parseDiskStats(fixture("proc-diskstats.txt"), new Set(["loop0", "nvme0n1", "sda", "dm-0"]));
  expect(counts).toEqual({ read: (99871233 + 120448) * 512, written: (61230112 + 8200) * 512 });
});

test("network: all interfaces but loopback, also where the colon has no space", () => {
  expect(parseNetDev(fixture("proc-net-dev.txt"))).toEqual({ read: 371568819 + 1048576, written: 715738 + 524288 });
});

describe("ByteRate", () => {
  test.each([
    {
      name: "2 MiB in 2 s",
      from: { read: 0, written: MIB },
      to: { read: 2 * MIB, written: MIB },
      ms: 2000,
      rate: { read: 1, written: 0 },
    },
    { name: "counters that were reset", from: { read: 9, written: 9 }, to: { read: 1, written: 1 }, ms: 1000, rate: null },
    { name: "no time between", from: { read: 1, written: 1 }, to: { read: 2, written: 2 }, ms: 0, rate: null },
  ])("$name", ({ from, to, ms, rate }) => {
    const meter = new ByteRate();
    expect(meter.next(from, 5000)).toBeNull();
    expect(meter.next(to, 5000 + ms)).toEqual(rate);
  });
});
