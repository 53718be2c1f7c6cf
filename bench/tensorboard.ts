/** The cost of TensorBoard event files for the caller and in total, compared with tensorboardX and a bare write. */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { lastJson, ROOT, runCommand, runScript } from "./lib/child.js";
import { publish } from "./lib/report.js";
import type { StepTime } from "./lib/stopwatch.js";
import { ensureVenv } from "./lib/venv.js";
import { goals, memoryTable, microseconds, notes } from "./tensorboard-report.js";
import type { CallTimes, MadeTimes, MemoryMarks, PeerTask, Round, ScalarTimes } from "./tensorboard-work.js";
import { PEER_COUNTS, PIXELS, TRAINER_STEPS, VALUES } from "./tensorboard-work.js";

/** On a busy machine, two threads of numpy's dot product wait for each other for 10 ms. */
const ONE_THREAD = { OPENBLAS_NUM_THREADS: "1" };

export async function tensorboard(command: string, { repeats }: { repeats: number }): Promise<void> {
  const python = await installPeer();
  const rounds: Round[] = [];
  await inFolder(async (data) => {
    await runScript("tensorboard-child.ts", ["data", data]);
    for (let i = 0; i < repeats; i++) {
      rounds.push(await measure(python, data, i % 2 === 0 ? "raw" : "ours"));
      process.stderr.write(`\rtensorboard: ${i + 1} of ${repeats} `);
    }
  });
  process.stderr.write("\n");
  publish("tensorboard", command, [goals(rounds), microseconds(rounds), memoryTable(rounds)], notes(rounds));
}

/** Ours and the peer alternate, each in a fresh process. */
async function measure(python: string | null, data: string, first: "raw" | "ours"): Promise<Round> {
  const ours = <T>(what: string, ...args: string[]): Promise<T> =>
    inFolder(async (dir) => lastJson<T>(await runScript("tensorboard-child.ts", [what, dir, ...args])));
  const loop = (name: string): Promise<StepTime> =>
    inFolder(async (dir) => lastJson<StepTime>(await runScript("overhead-child.ts", [name, String(TRAINER_STEPS), dir])));
  const peer = async (what: PeerTask, ...files: string[]): Promise<CallTimes> => {
    if (python === null) return { caller: Number.NaN, whole: Number.NaN };
    const paths = files.map((file) => join(data, file));
    return inFolder(async (dir) => {
      const args = ["bench/peers/tensorboardx.py", what, String(PEER_COUNTS[what]), dir, ...paths];
      return lastJson<CallTimes>(await runCommand(python, args, ONE_THREAD));
    });
  };

  const addScalar = await ours<ScalarTimes>("addScalar", first);
  const peerScalars = await peer("scalars");
  const addScalars = await ours<CallTimes>("addScalars");
  const logMetrics = await ours<CallTimes>("logMetrics");
  const bare = await loop("bareSync");
  const trainer = await loop("syncTensorBoard");
  const histogram = await ours<MadeTimes>("histogram");
  const peerHistogram = await peer("histogram", VALUES);
  const image = await ours<MadeTimes>("image");
  const peerImage = await peer("image", PIXELS);
  const memory = await ours<MemoryMarks>("memory");
  const peers = { scalars: peerScalars, histogram: peerHistogram, image: peerImage };
  return { addScalar, addScalars, logMetrics, bare, trainer, histogram, image, memory, peer: peers };
}

async function installPeer(): Promise<string | null> {
  try {
    return await ensureVenv("tensorboardx", ["tensorboardX==2.6.5", "numpy==2.4.6", "pillow"]);
  } catch (error) {
    process.stderr.write(`Without tensorboardX: ${error instanceof Error ? error.message : String(error)}\n`);
    return null;
  }
}

/** A folder on the repository's disk: a temporary folder may be in memory. */
async function inFolder<T>(work: (dir: string) => Promise<T>): Promise<T> {
  mkdirSync(join(ROOT, ".peers"), { recursive: true });
  const dir = mkdtempSync(join(ROOT, ".peers/bench-"));
  try {
    return await work(dir);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}
