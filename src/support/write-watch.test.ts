import { expect, test } from "vitest";
import { leavesLine, WriteWatch } from "./write-watch.js";

class Stream {
  written: string[] = [];
  write(text: string): boolean {
    this.written.push(text);
    return true;
  }
}

test("tells what others write, before and after it is written, and passes everything on", () => {
  const stream = new Stream();
  const watch = new WriteWatch([stream, stream], {
    before: (text) => stream.write(`[${String(text)}`),
    after: () => stream.write("]"),
  });
  stream.write("a");
  watch.start();
  watch.start();
  expect(stream.write("b")).toBe(true);
  watch.unwatched(() => stream.write("own"));
  watch.stop();
  stream.write("c");
  expect(stream.written).toEqual(["a", "[b", "b", "]", "own", "c"]);
  expect(Object.hasOwn(stream, "write")).toBe(false);
});

test("leaves a stream that others have taken over meanwhile", () => {
  const stream = new Stream();
  const told: unknown[] = [];
  const watch = new WriteWatch([stream], { before: (text) => told.push(text), after() {} });
  watch.start();
  const ours = stream.write.bind(stream);
  const theirs = (text: string): boolean => ours(`${text}!`);
  stream.write = theirs;
  stream.write("a");
  watch.stop();
  stream.write("b");
  expect(stream.write).toBe(theirs);
  expect([told, stream.written]).toEqual([["a!"], ["a!", "b!"]]);
});

test("a stream that is frozen is left alone", () => {
  const stream = Object.freeze(new Stream());
  const watch = new WriteWatch([stream], { before: (text) => stream.written.push(`[${String(text)}]`), after() {} });
  watch.start();
  stream.write("a");
  watch.stop();
  expect(stream.written).toEqual(["a"]);
});

test("gives a stream its own `write` back", () => {
  const stream = new Stream();
  const own = (): boolean => false;
  stream.write = own;
  const watch = new WriteWatch([stream], { before() {}, after() {} });
  watch.start();
  watch.stop();
  expect(stream.write).toBe(own);
});

test.each([
  ["text\n", false],
  ["text", true],
  [Buffer.from("text"), true],
  [Buffer.from("text\n"), false],
  ["text\n\u001b[0m", false],
  ["\u001b[1mtext\u001b[0m", true],
  ["\r\u001b[2K", false],
  ["\r", false],
])("%j leaves a line: %s", (text, leaves) => expect(leavesLine(text, !leaves)).toBe(leaves));

test.each([true, false])("what shows nothing leaves it as it was: %s", (before) => {
  for (const text of ["", "\u001b[?25l", undefined]) expect(leavesLine(text, before)).toBe(before);
});
