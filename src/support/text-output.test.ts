import { Writable } from "node:stream";
import { expect, test } from "vitest";
import { TextOutput } from "./text-output.js";

/** A stream that takes nothing until `read` is called. */
class Stalled extends Writable {
  text = "";
  #waiting: (() => void)[] = [];
  #reads = false;

  override _write(chunk: unknown, _encoding: unknown, done: () => void): void {
    this.text += String(chunk);
    if (this.#reads) done();
    else this.#waiting.push(done);
  }

  read(): void {
    this.#reads = true;
    for (const done of this.#waiting.splice(0)) done();
  }
}

const line = `${"x".repeat(999)}\n`;

test("what a stream does not take is bounded, counted, and told when it takes lines again", async () => {
  const stream = new Stalled();
  const output = new TextOutput(stream);
  for (let i = 0; i < 3000; i++) output.write(line);
  expect(stream.writableLength).toBeLessThan(1_010_000);
  expect(output.dropped).toBe(3000 - 1001);
  expect(output.error).toContain("too slow");
  await output.drain({ timeoutMs: 1 });
  stream.read();
  await output.drain();
  output.write("after\n");
  await output.close();
  expect(stream.text.slice(-1000).split("\n").slice(-3)).toEqual([
    "[1999 lines were not shown: the reader of this output was too slow]",
    "after",
    "",
  ]);
  expect(stream.listenerCount("error")).toBe(0);
});

test("the note comes at the end where no line follows", async () => {
  const stream = new Stalled();
  const output = new TextOutput(stream);
  for (let i = 0; i < 1002; i++) output.write(line);
  stream.read();
  await output.drain();
  await output.close();
  expect(stream.text.endsWith("x\n[1 line was not shown: the reader of this output was too slow]\n")).toBe(true);
});

test("a stream without a length, and one that answers no write, are not waited for twice", async () => {
  const written: string[] = [];
  const output = new TextOutput({ write: (text) => written.push(text) });
  output.write("a\n");
  await output.drain({ timeoutMs: 1 });
  await output.drain(); // would wait for a second
  await output.close();
  expect(written.join("")).toBe("a\n");
  expect(output).toMatchObject({ dropped: 0, error: undefined });
});

test("a program that catches standard output gets the lines", async () => {
  const { write } = process.stdout;
  const caught: unknown[] = [];
  process.stdout.write = ((text: unknown) => caught.push(text)) as never;
  try {
    const output = new TextOutput(process.stdout);
    output.write("caught\n");
    await output.close();
  } finally {
    process.stdout.write = write;
  }
  expect(caught).toContain("caught\n");
});
