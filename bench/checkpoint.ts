/** The time of a checkpoint, compared with the bare operations on the same bytes and with other libraries. */
import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { CheckpointTimes } from "./checkpoint-child.js";
import { lastJson, ROOT, runCommand, runScript } from "./lib/child.js";
import { judged, publish, type Table } from "./lib/report.js";
import { median, range } from "./lib/statistics.js";
import { ensureVenv, TORCH_PACKAGES } from "./lib/venv.js";

const SIZES = [100, 500];

export interface CheckpointBenchOptions {
  repeats: number;
  peers: boolean;
}

interface PeerTimes {
  stall: number;
  durable: number;
  load: number;
}

interface Peer {
  title: string;
  name: string;
  python: string;
}

/** All measurements for one size of state. */
interface Rounds {
  megabytes: number;
  ours: CheckpointTimes[];
  extra: number[];
  peers: Map<string, PeerTimes[]>;
}

export async function checkpoint(command: string, { repeats, peers }: CheckpointBenchOptions): Promise<void> {
  const list = peers ? await installPeers() : [];
  const sizes: Rounds[] = [];
  for (const megabytes of SIZES) sizes.push(await measure(megabytes, repeats, list));
  publish(
    "checkpoint",
    command,
    [ratios(sizes), milliseconds(sizes, list)],
    [
      `Medians of ${repeats} rounds; in each, every line is measured once, in a fresh process, warmed up; our save and the bare write alternate in which comes first. Ratios are computed within a process, so that disturbances affect both sides. The files are in the page cache when they are read.`,
      "State: 20 Float32 tensors. The first stall is the time until the state is copied. Later stalls reuse that memory, and include the main thread's work for the save after the copy (measured by event-loop utilization).",
      ...(peers
        ? [
            "safetensors and torch.save block for the whole save and are followed by an fsync; Orbax is its async checkpointer, which need not copy JAX's immutable arrays, and is not known to fsync. None of them verifies what it loads.",
          ]
        : []),
    ],
  );
}

/** Ours and each peer alternate, each in a fresh process. */
async function measure(megabytes: number, repeats: number, peers: readonly Peer[]): Promise<Rounds> {
  const rounds: Rounds = { megabytes, ours: [], extra: [], peers: new Map(peers.map(({ name }) => [name, []])) };
  for (let i = 0; i < repeats; i++) {
    process.stderr.write(`\r${megabytes} MB: ${i + 1} of ${repeats} `);
    const args = [String(megabytes)];
    await inFolder(async (dir) => {
      rounds.ours.push(lastJson(await runScript("checkpoint-child.ts", ["times", ...args, dir, i % 2 === 0 ? "raw" : "ours"])));
    });
    await inFolder(async (dir) => {
      const { extra } = lastJson<{ extra: number }>(await runScript("checkpoint-child.ts", ["memory", ...args, dir]));
      rounds.extra.push(extra);
    });
    for (const { name, python } of peers) {
      await inFolder(async (dir) => {
        const out = await runCommand(python, ["bench/peers/checkpoints.py", name, ...args, dir], { JAX_PLATFORMS: "cpu" });
        rounds.peers.get(name)?.push(lastJson(out));
      });
    }
  }
  process.stderr.write("\n");
  return rounds;
}

/** A folder on the repository's disk: a temporary folder may be in memory. */
async function inFolder(work: (dir: string) => Promise<void>): Promise<void> {
  const dir = mkdtempSync(join(ROOT, ".peers/bench-"));
  try {
    await work(dir);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

function ratios(sizes: readonly Rounds[]): Table {
  const rows = sizes.flatMap(({ megabytes, ours, extra }) => {
    const row = (title: string, values: readonly number[], limit: number): string[] => [
      `${megabytes} MB: ${title}`,
      judged(median(values), limit),
      range(values, 2),
      `≤ ${limit}`,
    ];
    return [
      row(
        "first stall ÷ memcpy to new memory",
        ours.map(({ firstStall, memcpyNew }) => firstStall / memcpyNew),
        1.2,
      ),
      row(
        "later stalls ÷ memcpy to memory in place",
        ours.map(({ stall, later, memcpy }) => (stall + later) / memcpy),
        1.2,
      ),
      row(
        "durable ÷ (memcpy + write + fsync)",
        ours.map(({ durable, memcpy, raw }) => durable / (memcpy + raw)),
        1.25,
      ),
      row(
        "load, verified ÷ (read + SHA-256)",
        ours.map(({ load, readAndHash }) => load / readAndHash),
        1.25,
      ),
      row("extra memory ÷ state", extra, 1.1),
    ];
  });
  return { head: ["ratio", "median", "of all rounds", "goal"], rows };
}

function milliseconds(sizes: readonly Rounds[], peers: readonly Peer[]): Table {
  const rows = sizes.flatMap(({ megabytes, ours, peers: measured }) => {
    const of = (value: (round: CheckpointTimes) => number): string => median(ours.map(value)).toFixed(0);
    const peerRow = ({ title, name }: Peer): string[] => {
      const times = measured.get(name) ?? [];
      const columns = (["stall", "durable", "load"] as const).map((part) => median(times.map((time) => time[part])).toFixed(0));
      return [`${megabytes} MB: ${title}`, ...columns];
    };
    return [
      [`${megabytes} MB: memcpy to new memory`, of(({ memcpyNew }) => memcpyNew), "–", "–"],
      [`${megabytes} MB: memcpy to memory in place`, of(({ memcpy }) => memcpy), "–", "–"],
      [`${megabytes} MB: write, fsync`, of(({ raw }) => raw), of(({ raw }) => raw), "–"],
      [`${megabytes} MB: read, SHA-256`, "–", "–", of(({ readAndHash }) => readAndHash)],
      [
        `${megabytes} MB: trainscope`,
        of(({ stall, later }) => stall + later),
        of(({ durable }) => durable),
        of(({ load }) => load),
      ],
      ...peers.map(peerRow),
    ];
  });
  return { head: ["ms", "main thread stalled", "durable", "load"], rows };
}

async function installPeers(): Promise<Peer[]> {
  const safetensors = await ensureVenv("safetensors", ["safetensors==0.8.0", "numpy==2.4.6"]);
  const torch = await ensureVenv("torch", TORCH_PACKAGES);
  const list = [
    { title: "safetensors 0.8 (Python)", name: "safetensors", python: safetensors },
    { title: "torch.save 2.15", name: "torch", python: torch },
  ];
  try {
    const python = await ensureVenv("orbax", ["orbax-checkpoint==0.12.8", "jax==0.10.2"]);
    return [...list, { title: "Orbax 0.12 async", name: "orbax", python }];
  } catch (error) {
    process.stderr.write(`Without Orbax: ${error instanceof Error ? error.message : String(error)}\n`);
    return list;
  }
}
