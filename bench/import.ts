/** The time that `import("trainscope")` adds to a program that already imports zod. */
import { lastJson, runCommand } from "./lib/child.js";
import { judged, publish } from "./lib/report.js";
import { median, range } from "./lib/statistics.js";

const LIMIT_MS = 40;

/** Measured inside a running Node process, in plain JavaScript without a loader. */
async function importMs(name: string): Promise<number> {
  const script = `const startMs = performance.now(); await import(${JSON.stringify(name)}); console.log(JSON.stringify({ ms: performance.now() - startMs }));`;
  return lastJson<{ ms: number }>(await runCommand(process.execPath, ["--input-type=module", "-e", script])).ms;
}

export async function importTime(command: string, { repeats }: { repeats: number }): Promise<void> {
  const zods: number[] = [];
  const ours: number[] = [];
  for (let i = 0; i < repeats + 1; i++) {
    const [zod, own] = [await importMs("zod"), await importMs("trainscope")];
    if (i === 0) continue; // the first pair fills the disk cache
    zods.push(zod);
    ours.push(own);
  }
  const added = ours.map((ms, i) => ms - (zods[i] ?? Number.NaN));
  const row = [
    '`import("trainscope")`',
    median(zods).toFixed(1),
    median(ours).toFixed(1),
    judged(median(added), LIMIT_MS, 1),
    range(added, 1),
    `≤ ${LIMIT_MS}`,
  ];
  const head = ["ms", "zod alone", "trainscope (with zod)", "added", "of all pairs", "goal"];
  publish("import", command, [{ head, rows: [row] }], [`Medians of ${repeats} pairs, each import in a fresh process.`]);
}
