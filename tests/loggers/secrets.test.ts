/** No secret reaches a byte that a backend writes: the training log's file, TensorBoard's event files, the console's stream. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { CompositeLogger, ConsoleBackend } from "../../src/loggers/index.js";
import { TensorBoardBackend } from "../../src/loggers/tensorboard/index.js";
import { TrainingLogBackend, TrainingLogger } from "../../src/loggers/training-log/index.js";
import { testRun } from "../contract/logger.js";
import { eventFiles, readEvents } from "../support/event-files.js";

const SECRET = "hunter2-4711";
const NUMBER = 47114711;
const control = { requestStop(): void {} };

class Client {
  readonly host = "db";
  readonly password: string = SECRET;
}

const failure = Object.assign(
  new Error(`401 from https://me:${SECRET}@host`, { cause: new Error(`token=x&api_key=${SECRET}`) }),
  {
    config: { headers: { Authorization: SECRET } },
  },
);
const cyclic: Record<string, unknown> = { token: [SECRET] };
cyclic["self"] = cyclic;
let deep: object = { password: SECRET };
for (let i = 0; i < 40; i++) deep = { deep };

/** Values that hold the secret, each in another place. */
const CASES: readonly { name: string; data: Record<string, unknown> }[] = [
  { name: "a text", data: { password: SECRET } },
  { name: "a number", data: { password: NUMBER } },
  { name: "a big integer", data: { dbPassword: BigInt(NUMBER) } },
  { name: "a list", data: { token: [SECRET], apiKey: new Set([SECRET]) } },
  { name: "an object", data: { credentials: { user: "me", value: SECRET } } },
  { name: "below", data: { a: [{ b: { clientSecret: SECRET } }] } },
  { name: "too deep", data: { deep } },
  { name: "a map", data: { headers: new Map([["Authorization", SECRET]]) } },
  { name: "an instance", data: { client: new Client() } },
  { name: "a cycle", data: cyclic },
  { name: "an error", data: { failure } },
  { name: "a message", data: { message: `no answer from postgres://me:${SECRET}@db/x`, step: 1 } },
  { name: "an address", data: { url: new URL(`https://me:${SECRET}@host/`) } },
  { name: "a query", data: { url: `https://host/?x=1&X-Amz-Signature=${SECRET}` } },
  { name: "a header", data: { list: [`Authorization: Bearer ${SECRET}`] } },
  { name: "a key", data: { [`https://me:${SECRET}@host`]: 1 } },
  { name: "after much else", data: { much: Array.from({ length: 120_000 }, (_, i) => i), password: SECRET } },
];

let dir = "";
beforeAll(() => void (dir = mkdtempSync(join(tmpdir(), "trainscope-secrets-"))));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

/** A stream that keeps its text. */
function textStream(): { text: string; write: (text: string, done?: () => void) => boolean } {
  return {
    text: "",
    write(text, done) {
      this.text += text;
      done?.();
      return true;
    },
  };
}

function bytesOf(root: string): Buffer {
  const files = readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return Buffer.concat(files.map(({ parentPath, name }) => readFileSync(join(parentPath, name))));
}

function expectNoSecret(written: Buffer | string): void {
  expect(written.length).toBeGreaterThan(0);
  for (const secret of [SECRET, String(NUMBER)]) expect(written.includes(secret)).toBe(false);
}

test.each(CASES)("behind a trainer: $name", async ({ data }) => {
  const runDir = mkdtempSync(join(dir, "run-"));
  const stream = textStream();
  const backends = [new ConsoleBackend({ stream, level: "debug" }), new TensorBoardBackend(), new TrainingLogBackend()];
  const logger = new CompositeLogger(backends);
  await logger.start(testRun(runDir), control);
  logger.logEvent("warning", data, 1);
  logger.logEvent(`happened at https://me:${SECRET}@host`, data, 1);
  logger.logText("note", `see https://me:${SECRET}@host`, 2);
  logger.logParams({ "db.password": SECRET, "db.pin.token": NUMBER, url: `https://me:${SECRET}@host` });
  logger.setTags({ apiKey: SECRET, url: `https://host/?token=${SECRET}` });
  logger.logArtifact({ name: `from https://me:${SECRET}@host`, path: `/runs/https://me:${SECRET}@host` }, 3);
  logger.logMetrics({ "train/loss_token": 0.125, after: 1 }, 4);
  const reports = await logger.close("completed");

  for (const report of reports) expect(report).toMatchObject({ dropped: 0, pending: 0 });
  expect(reports.map((report) => report.error)).toEqual([undefined, undefined, undefined]);
  const log = bytesOf(join(runDir, "log"));
  const board = join(runDir, "tensorboard");
  expectNoSecret(log);
  expectNoSecret(Buffer.concat(eventFiles(board).map((file) => readFileSync(join(board, file)))));
  expectNoSecret(bytesOf(runDir));
  expectNoSecret(stream.text);

  const texts = readEvents(board).flatMap(({ values }) => values.flatMap(({ strings }) => strings));
  expect(texts.some((text) => text.includes("***"))).toBe(true);
  for (const text of [log.toString(), stream.text]) expect(text).toContain("***");
  expect(log.toString()).toContain('"train/loss_token":0.125'); // a point is never hidden
});

test.each(CASES)("each backend by itself: $name", async ({ data }) => {
  const runDir = mkdtempSync(join(dir, "alone-"));
  const stream = textStream();
  const shown = new ConsoleBackend({ stream, level: "debug" });
  const board = new TensorBoardBackend();
  for (const backend of [shown, board]) {
    backend.start(testRun(runDir), control);
    backend.logEvent("saved", data, 1);
    await backend.close("completed");
  }
  await using log = new TrainingLogger({ dir: join(runDir, "log"), fields: data });
  log.error("broke", data);
  log.logTrainingStart(data);
  log.logTrainingMetrics({ epoch: 0, batch: 0, details: data });
  await log.flush();
  expectNoSecret(bytesOf(runDir));
  expectNoSecret(stream.text);
});
