/**
 * `npm run bench -- <name> [options]`
 *
 *   overhead      µs per step over a bare loop  --repeats=5 --steps=1000000
 *     --peers     adds tfjs `fit` and Keras on jax; --peers=torch adds ignite and torchtnt (a large download)
 *   main-job      the digits example, all logging on and off  --repeats=5
 *   import        the time of `import("trainscope")` over zod  --repeats=11
 *   checkpoint    saving and loading 100 MB and 500 MB  --repeats=5
 *     --peers     adds safetensors in Python, torch.save and Orbax (a large download)
 *   tensorboard   event files, compared with tensorboardX (a small download) and a bare write  --repeats=5
 *   size          the packed tarball
 *   all           all of them, without peers
 *
 * Each prints a table and writes it to docs/benchmarks.md.
 */
import { parseArgs } from "node:util";
import { checkpoint } from "./checkpoint.js";
import { importTime } from "./import.js";
import { mainJob } from "./main-job.js";
import { overhead } from "./overhead.js";
import { peers } from "./peers.js";
import { size } from "./size.js";
import { tensorboard } from "./tensorboard.js";

const args = process.argv.slice(2).map((arg) => (arg === "--peers" ? "--peers=keras" : arg));
const { values, positionals } = parseArgs({
  args,
  allowPositionals: true,
  options: { repeats: { type: "string" }, steps: { type: "string" }, peers: { type: "string" } },
});
const command = `npm run bench -- ${process.argv.slice(2).join(" ")}`;
const repeats = (least: number): number => Math.max(1, Number(values.repeats ?? least));

const BENCHMARKS: Readonly<Record<string, () => Promise<void>>> = {
  async overhead() {
    await overhead(command, { repeats: repeats(5), steps: Number(values.steps ?? 1_000_000) });
    if (values.peers !== undefined) await peers(command, { repeats: repeats(5), torch: values.peers === "torch" });
  },
  "main-job": () => mainJob(command, { repeats: repeats(5) }),
  import: () => importTime(command, { repeats: repeats(11) }),
  checkpoint: () => checkpoint(command, { repeats: repeats(5), peers: values.peers !== undefined }),
  tensorboard: () => tensorboard(command, { repeats: repeats(5) }),
  size: () => size(command),
};

const [name = ""] = positionals;
const chosen = name === "all" ? Object.values(BENCHMARKS) : [BENCHMARKS[name]];
for (const benchmark of chosen) {
  if (benchmark === undefined) throw new Error(`No benchmark "${name}". There are: ${Object.keys(BENCHMARKS).join(", ")}, all.`);
  await benchmark();
}
