import { execFileSync } from "node:child_process";
import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { SummaryWriter } from "../summary-writer.js";
import { maskedCrc32c } from "./crc32c.js";
import { ProtoWriter } from "./protobuf.js";
import { frameRecord } from "./record.js";
import { removeStepsFrom } from "./remove-steps.js";
import { eventFiles, readEvents, readScalars } from "../../../../tests/support/event-files.js";

let dir: string;
const reported: string[] = [];
const onError = (error: Error): void => void reported.push(error.message);
const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, index) => from + index);
const only = (): string => join(dir, eventFiles(dir)[0] as string);

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "trainscope-restart-"));
  reported.length = 0;
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

async function write(from: number, to: number, resumeStep?: number): Promise<void> {
  const writer = new SummaryWriter(dir, { resumeStep, onError });
  for (let step = from; step <= to; step++) writer.addScalar("loss", step, step);
  await writer.close();
}

describe("a resumed run", () => {
  it("has no points of the first one from the step on", async () => {
    await write(1, 100);
    await write(81, 120, 81);
    expect(readScalars(dir).map(([, step]) => step)).toEqual(range(1, 120));
    expect(eventFiles(dir)).toHaveLength(2);
    expect(reported).toEqual([]);
  });

  it("starts its session twice, so that readers that ignore the first start use the second", async () => {
    await write(1, 5);
    await write(4, 6, 4);
    expect(
      readEvents(dir)
        .filter((event) => event.isSessionStart)
        .map(({ step }) => step),
    ).toEqual([0, 4, 4]);
  });

  it("removes a tag's late points also when the tag is not logged again", async () => {
    const writer = new SummaryWriter(dir);
    writer.addScalar("loss", 1, 80);
    writer.addScalar("val", 1, 90);
    writer.addText("note", "kept", 10);
    writer.addText("note", "gone", 85);
    await writer.close();
    await write(81, 82, 81);
    expect(readScalars(dir)).toEqual([
      ["loss", 80, 1],
      ["loss", 81, 81],
      ["loss", 82, 82],
    ]);
    expect(readEvents(dir).flatMap(({ values }) => values.flatMap(({ strings }) => strings))).toEqual(["kept"]);
  });

  it.each([1, 5, 11, 12, 30])("continues after a record that was cut off %i bytes before its end", async (missing) => {
    await write(1, 100);
    truncateSync(only(), readFileSync(only()).length - missing);
    await write(100, 120, 100);
    expect(readScalars(dir).map(([, step]) => step)).toEqual(range(1, 120));
  });

  it("continues after a record with a damaged length, past which no reader can read", async () => {
    await write(1, 10);
    appendFileSync(only(), Buffer.alloc(40, 7));
    await write(8, 12, 8);
    expect(readScalars(dir).map(([, step]) => step)).toEqual(range(1, 12));
  });

  it("does not touch a file with nothing to remove", async () => {
    await write(1, 10);
    const before = readFileSync(only());
    await write(11, 12, 11);
    expect(readFileSync(only()).equals(before)).toBe(true);
  });

  it("does not touch a file that is not an event file", async () => {
    writeFileSync(join(dir, "notes.txt"), "mine");
    await write(1, 3);
    await write(2, 3, 2);
    expect(readFileSync(join(dir, "notes.txt"), "utf8")).toBe("mine");
  });

  it("ends its hparams session once, at its last end", async () => {
    const first = new SummaryWriter(dir);
    first.addHparams({ rate: 0.1 });
    first.addScalar("loss", 1, 1);
    await first.close();
    const second = new SummaryWriter(dir, { resumeStep: 2 });
    second.addHparams({ rate: 0.1 });
    await second.close();
    const tags = readEvents(dir).flatMap(({ values }) => values.map(({ tag }) => tag));
    expect(tags.filter((tag) => tag === "_hparams_/session_end_info")).toHaveLength(1);
    expect(tags.at(-1)).toBe("_hparams_/session_end_info");
  });

  it("continues files that are larger than one read", async () => {
    await write(1, 60_000);
    await write(59_990, 60_001, 59_990);
    const steps = readScalars(dir).map(([, step]) => step);
    expect(steps).toHaveLength(60_001);
    expect(steps.at(-1)).toBe(60_001);
  });

  describe("a record of hundreds of megabytes", () => {
    const SIZE = 256 * 2 ** 20;
    /** Appends an image of `step` to the file: all zeros, and sparse. */
    function appendLarge(path: string, step: number): void {
      const event = new ProtoWriter()
        .double(1, 1)
        .varint(2, step)
        .message(5, (summary) => summary.message(1, (value) => value.string(1, "picture").bytes(4, new Uint8Array(8))))
        .finish();
      const header = Buffer.alloc(12);
      header.writeBigUInt64LE(BigInt(SIZE), 0);
      header.writeUInt32LE(maskedCrc32c(header, 0, 8), 8);
      const start = statSync(path).size;
      appendFileSync(path, Buffer.concat([header, event.subarray(0, event.length - 8)]));
      truncateSync(path, start + 12 + SIZE + 4);
    }

    it("stays where it is before the step, and is not read", async () => {
      await write(1, 5);
      appendLarge(only(), 5);
      const { size } = statSync(only());
      const before = process.resourceUsage().maxRSS;
      removeStepsFrom(dir, 6, onError);
      expect(statSync(only()).size).toBe(size);
      expect(process.resourceUsage().maxRSS - before).toBeLessThan(SIZE / 1024 / 2); // in kilobytes
      expect(reported).toEqual([]);
    });

    it("is removed from the step on, and what follows a kept one is kept", async () => {
      await write(1, 5);
      appendLarge(only(), 7);
      await write(6, 6, 6);
      expect(readScalars(dir).map(([, step]) => step)).toEqual(range(1, 6));
    });

    it("that is cut off is removed", async () => {
      await write(1, 5);
      const { size } = statSync(only());
      appendLarge(only(), 5);
      truncateSync(only(), size + SIZE / 2);
      await write(6, 6, 6);
      expect(readScalars(dir).map(([, step]) => step)).toEqual(range(1, 6));
    });

    it("of 17 MB is copied to the byte, or removed", async () => {
      const picture = new Uint8Array(17 * 2 ** 20).fill(9);
      const large = (step: number): Uint8Array => {
        const event = new ProtoWriter().double(1, 1).varint(2, step);
        event.message(5, (summary) => summary.message(1, (value) => value.string(1, "x").bytes(4, picture)));
        return frameRecord(event.finish());
      };
      await write(1, 3);
      appendFileSync(only(), large(3));
      const kept = readFileSync(only());
      appendFileSync(only(), large(9));
      removeStepsFrom(dir, 4, onError);
      expect(readFileSync(only()).equals(kept)).toBe(true);
    });
  });

  it.skipIf(process.platform === "win32")(
    "waits for no FIFO, and follows no link that has the name of its temporary file",
    async () => {
      await write(1, 5);
      execFileSync("mkfifo", [join(dir, "events.out.tfevents.9.fifo")]);
      const other = join(dir, "notes.txt");
      writeFileSync(other, "mine");
      symlinkSync(other, join(dir, ".trainscope-rewrite"));
      removeStepsFrom(dir, 3, onError);
      expect(readFileSync(other, "utf8")).toBe("mine");
      rmSync(join(dir, "events.out.tfevents.9.fifo"));
      expect(readScalars(dir).map(([, step]) => step)).toEqual([1, 2]);
      expect(reported).toEqual([]);
    },
  );
});
