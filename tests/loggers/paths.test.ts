import { existsSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeEach, describe, expect, test } from "vitest";
import { CheckpointManager, verifyDirectory } from "../../src/checkpoint/index.js";
import { GenericTrainerConfig } from "../../src/config/generic-trainer.js";
import { loadConfig, parseConfig } from "../../src/config/index.js";
import { SummaryWriter, TensorBoardBackend } from "../../src/loggers/tensorboard/index.js";
import { RotatingFile, TrainingLogBackend, TrainingLogger } from "../../src/loggers/training-log/index.js";
import { testRun } from "../contract/logger.js";

const home = process.cwd();
const made: string[] = [];
let first: string;
let second: string;

beforeEach(() => {
  [first, second] = [directory(), directory()];
  process.chdir(first);
});
afterEach(() => process.chdir(home));
afterAll(() => {
  for (const dir of made) rmSync(dir, { recursive: true, force: true });
});

function directory(): string {
  const dir = realpathSync(mkdtempSync(join(tmpdir(), "trainscope-paths-")));
  made.push(dir);
  return dir;
}

describe("a relative directory is that of the moment when the object was made", () => {
  test.each([
    {
      what: "a training log that rotates",
      open: () => {
        const log = new TrainingLogger({ dir: "here", maxBytes: 1 });
        return async () => {
          log.info("one");
          log.info("two");
          await log.close();
        };
      },
      file: "training-000002.jsonl",
    },
    {
      what: "lines that rotate",
      open: () => {
        const file = new RotatingFile({ dir: "here", maxBytes: 1 });
        return async () => {
          file.append("one\n", true);
          file.append("two\n", true);
          file.close();
        };
      },
      file: "training-000002.jsonl",
    },
    {
      what: "the training log behind a trainer",
      open: () => {
        const backend = new TrainingLogBackend({ dir: "here" });
        return async () => {
          backend.start(testRun(first));
          await backend.close("completed");
        };
      },
      file: "training-000001.jsonl",
    },
    {
      what: "TensorBoard's directory of runs",
      open: () => {
        const backend = new TensorBoardBackend({ runsDir: "here" });
        return async () => {
          backend.start(testRun(first));
          backend.logMetrics({ loss: 1 }, 1);
          await backend.close("completed");
        };
      },
      file: "contract",
    },
    {
      what: "a summary writer and its child",
      open: () => {
        const writer = new SummaryWriter("here");
        return async () => {
          writer.child("train").addScalar("loss", 1, 1);
          await writer.close();
        };
      },
      file: "train",
    },
  ])("$what", async ({ open, file }) => {
    const use = open();
    process.chdir(second);
    await use();
    expect(existsSync(join(first, "here", file))).toBe(true);
    expect(existsSync(join(second, "here"))).toBe(false);
  });
});

describe('a directory that begins with "~" is refused', () => {
  const TILDE = "~/runs";
  test.each<{ what: string; path: string | undefined; make: () => unknown }>([
    { what: "TrainingLogger", path: "TrainingLogger.dir", make: () => new TrainingLogger({ dir: TILDE }) },
    { what: "RotatingFile", path: "RotatingFile.dir", make: () => new RotatingFile({ dir: TILDE }) },
    { what: "TrainingLogBackend", path: "TrainingLogBackend.dir", make: () => new TrainingLogBackend({ dir: TILDE }) },
    { what: "TensorBoardBackend", path: "TensorBoardBackend.runsDir", make: () => new TensorBoardBackend({ runsDir: TILDE }) },
    { what: "SummaryWriter", path: "SummaryWriter.dir", make: () => new SummaryWriter(TILDE) },
    { what: "CheckpointManager", path: "CheckpointManager.dir", make: () => new CheckpointManager({ dir: TILDE }) },
    {
      what: "its backup",
      path: "CheckpointManager.backupDir",
      make: () => new CheckpointManager({ dir: "here", backupDir: "~ada" }),
    },
    { what: "verifyDirectory", path: undefined, make: () => verifyDirectory(TILDE) },
    { what: "loadConfig", path: undefined, make: () => loadConfig("~/config.yaml") },
    { what: "loadConfig from a directory", path: undefined, make: () => loadConfig("~/config.yaml", { cwd: first }) },
    ...(
      [
        ["runsDir", { runsDir: TILDE }],
        ["logging.tensorboardDir", { logging: { tensorboardDir: TILDE } }],
        ["hooks.modelCheckpointConfig.dir", { hooks: { modelCheckpointConfig: { dir: TILDE } } }],
        ["hooks.modelCheckpointConfig.rootDir", { hooks: { modelCheckpointConfig: { rootDir: TILDE } } }],
        ["hooks.modelCheckpointConfig.backupDir", { hooks: { modelCheckpointConfig: { backupDir: TILDE } } }],
      ] as const
    ).map(([path, config]) => ({ what: path, path, make: () => parseConfig(GenericTrainerConfig, { maxEpochs: 1, ...config }) })),
  ])("$what", async ({ path, make }) => {
    const refusal = expect.objectContaining({
      code: "ERR_CONFIG",
      path,
      detail: expect.stringContaining("Node does not expand"),
    });
    const attempt = async (): Promise<unknown> => make();
    await expect(attempt()).rejects.toThrow(refusal);
    expect(existsSync(join(first, "~"))).toBe(false);
  });
});
