/** The cost per step of other trainers over their own bare loop, on this machine: linear 10 to 1, batches of 32. */
import { lastJson, ROOT, runCommand, runScript } from "./lib/child.js";
import { publish } from "./lib/report.js";
import { overheadOf } from "./lib/pairs.js";
import type { StepTime } from "./lib/stopwatch.js";
import { ensureVenv, TORCH_PACKAGES } from "./lib/venv.js";

interface Peer {
  title: string;
  /** The bare loop, the trainer with all logging off, and the trainer with a callback that logs three scalars. */
  bare(): Promise<StepTime>;
  off(): Promise<StepTime>;
  logged(): Promise<StepTime>;
}

function scripted(title: string, file: string, modes: readonly [string, string, string], steps: number): Peer {
  const run = async (mode: string): Promise<StepTime> => lastJson(await runScript(file, [mode, String(steps)]));
  return { title, bare: () => run(modes[0]), off: () => run(modes[1]), logged: () => run(modes[2]) };
}

function python(title: string, venv: string, args: readonly string[], steps: number): Peer {
  const interpreter = `${ROOT}.peers/${venv}/bin/python`;
  const run = async (mode: string): Promise<StepTime> =>
    lastJson(await runCommand(interpreter, [`bench/peers/${args[0] ?? ""}`, ...args.slice(1), mode, String(steps)]));
  return { title, bare: () => run("bare"), off: () => run("off"), logged: () => run("logged") };
}

export async function peers(command: string, { repeats, torch }: { repeats: number; torch: boolean }): Promise<void> {
  await ensureVenv("keras", ["keras==3.15.1", "jax==0.10.2"]);
  if (torch) await ensureVenv("torch", TORCH_PACKAGES);
  const list: Peer[] = [
    scripted("trainscope, model in plain TypeScript", "overhead-child.ts", ["bareSync", "sync", "syncLogged"], 1_000_000),
    scripted("trainscope, TensorFlow.js (wasm)", "peers/tfjs-child.ts", ["bare", "trainer", "trainerLogged"], 10_000),
    scripted("TensorFlow.js `fit` (wasm)", "peers/tfjs-child.ts", ["bare", "fit", "fitLogged"], 10_000),
    python("Keras 3.15 on jax, `fit`", "keras", ["keras_loop.py"], 5000),
    ...(torch
      ? [
          python("pytorch-ignite 0.5.5", "torch", ["torch_loop.py", "ignite"], 10_000),
          python("torchtnt 0.2.4 TrainUnit", "torch", ["torch_loop.py", "torchtnt"], 10_000),
        ]
      : []),
  ];
  const rows: string[][] = [];
  for (const peer of list) rows.push(await measure(peer, repeats));
  const head = [
    "µs a step over bare",
    "bare loop",
    "all off",
    "of all pairs",
    "CPU",
    "callback, 3 scalars",
    "of all pairs",
    "CPU",
  ];
  publish(
    "peers",
    command,
    [{ head, rows }],
    [
      `Medians of ${repeats}, each loop in a fresh process, measured alternately; the second run in each process counts.`,
      "Every bare loop reads the loss after each step. The three scalars go to memory.",
      "On TensorFlow.js the trainer leaves losses on the backend until a log boundary, so with everything off it may be faster than the bare loop.",
    ],
  );
}

async function measure(peer: Peer, repeats: number): Promise<string[]> {
  const bares: StepTime[] = [];
  const offs: StepTime[] = [];
  const loggeds: StepTime[] = [];
  for (let i = 0; i < repeats; i++) {
    bares.push(await peer.bare());
    offs.push(await peer.off());
    loggeds.push(await peer.logged());
    process.stderr.write(`\r${peer.title}: ${i + 1} of ${repeats} `);
  }
  process.stderr.write("\n");
  const digits = (bares[0]?.wall ?? 0) < 10 ? 2 : 0;
  const columns = [offs, loggeds].flatMap((runs) => {
    const { wall, spread, cpu } = overheadOf(bares, runs, digits);
    return [wall.toFixed(digits), spread, cpu.toFixed(digits)];
  });
  return [peer.title, overheadOf(bares, offs, digits).bare.toFixed(digits), ...columns];
}
