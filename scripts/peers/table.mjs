/**
 * Programs of others that tests use: the one list of them. Plain Node, no dependencies.
 * - `find` looks only: it installs nothing. It returns the path of the program, or null.
 * - `make` is called by `npm run setup:peers` alone. It returns null, or why that failed.
 * A peer with `wayOut` cannot be made here; it says what a person does. One with `byName` is made only where it is named.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findChromium, makeChromium } from "./chromium.mjs";
import { attempt, startable } from "./commands.mjs";
import { findTfjsNode, makeTfjsNode } from "./tfjs-node.mjs";
import { findPython, makePython } from "./python.mjs";
import { bunProgram, denoProgram, nodeProgram, npmRuntime } from "./runtimes.mjs";

/** The majors that `npm run test:nodes` runs the core suite on. */
export const OTHER_NODES = ["22", "24", "26"];

/** `suites` are the vitest projects, or the command, that use the peer. A `required` one must be there in CI. */
export const PEERS = [
  {
    name: "python",
    suites: ["peers", "browser"],
    purpose: "the real TensorBoard, numpy and safetensors read what was written",
    required: true,
    find: findPython,
    make: makePython,
  },
  {
    name: "chromium",
    suites: ["browser"],
    purpose: "every tab of TensorBoard, as a browser shows it",
    required: true,
    find: findChromium,
    make: makeChromium,
  },
  {
    name: "bun",
    suites: ["package"],
    purpose: "the packed package on Bun",
    required: true,
    ...npmRuntime("bun", "bun@1.4.5", bunProgram),
  },
  {
    name: "deno",
    suites: ["package"],
    purpose: "the packed package on Deno",
    required: true,
    ...npmRuntime("deno", "deno@2.9.6", denoProgram),
  },
  {
    name: "node18",
    suites: ["package"],
    purpose: "a Node that is too old, refused in one sentence",
    required: true,
    ...npmRuntime("node18", "node@18.20.8", nodeProgram),
  },
  ...OTHER_NODES.map((major) => ({
    name: `node${major}`,
    suites: ["npm run test:nodes"],
    purpose: `the core suite on Node ${major}`,
    required: true,
    ...npmRuntime(`node${major}`, `node@${major}`, nodeProgram),
  })),
  {
    name: "tfjs-node",
    suites: ["npm run test:native"],
    purpose: "the adapter on TensorFlow.js's native binding, compiled from source (250 MB)",
    required: false,
    byName: true,
    find: findTfjsNode,
    make: makeTfjsNode,
  },
  {
    name: "compiler",
    suites: ["core"],
    purpose: "disks that fail, by a small C library",
    required: false,
    find: () => (process.platform === "linux" ? startable(["cc"]) : null),
    wayOut: "install a C compiler (Linux only)",
  },
  {
    name: "mount",
    suites: ["core"],
    purpose: "disks that are full or read-only",
    required: false,
    find: () => (mayMount() ? "mount" : null),
    wayOut: "run as root on Linux",
  },
];

/** The path of a peer, or null. */
export const findPeer = (name) => PEERS.find((one) => one.name === name)?.find() ?? null;

/** The path of a peer, which is made where it is missing: for commands that are nothing without it. Ends the process where that fails. */
export async function ensurePeer(name) {
  const found = findPeer(name);
  if (found !== null) return found;
  process.stderr.write(`trainscope: making ${name} in .peers/ …\n`);
  const make = PEERS.find((one) => one.name === name)?.make;
  const failed = make === undefined ? "there is no such peer; `npm run setup:peers -- --list` shows all" : await make();
  if (failed === null) return findPeer(name);
  process.stderr.write(`${name}: ${failed}\n`);
  process.exit(1);
}

/** True where this process may mount a file system. */
export function mayMount() {
  if (process.platform !== "linux" || process.getuid?.() !== 0) return false;
  const point = mkdtempSync(join(tmpdir(), "trainscope-mount-"));
  try {
    const mounted = attempt("mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", point]) === null;
    return mounted && attempt("umount", [point]) === null;
  } finally {
    rmSync(point, { recursive: true, force: true });
  }
}

/** A line for each missing peer of these suites, with what it is for and how it is had; empty where all are there. */
export function missingPeers(suites) {
  const missing = PEERS.filter((peer) => peer.suites.some((suite) => suites.includes(suite)) && peer.find() === null);
  return missing.map(
    ({ name, purpose, wayOut }) => `  ${name.padEnd(10)}${purpose}: ${wayOut ?? `npm run setup:peers -- ${name}`}`,
  );
}
