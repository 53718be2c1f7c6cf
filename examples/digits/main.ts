// `npm start`: trains a digit classifier with all logging enabled and prints a table. Options: --epochs=32 --seed=7 --runName=… --resume
import { parseArgs } from "node:util";
import { runDigits, type DigitsRun } from "./run.js";

const GOAL = 0.97;
const { values } = parseArgs({
  options: { epochs: { type: "string" }, seed: { type: "string" }, runName: { type: "string" }, resume: { type: "boolean" } },
});
const numberOf = (text: string | undefined): number | undefined => (text === undefined ? undefined : Number(text));

const run = await runDigits({
  epochs: numberOf(values.epochs),
  seed: numberOf(values.seed),
  runName: values.runName,
  resume: values.resume === true ? "auto" : "never",
});

function tableOf({ result, seconds, cpuSeconds, samplesPerSecond }: DigitsRun): string {
  const { metrics, best } = result;
  const percent = (value: number | undefined): string => (value === undefined ? "–" : `${(value * 100).toFixed(2)} %`);
  const bestOf = (name: string): string => {
    const found = best[name];
    return found === undefined ? "–" : `${percent(found.value)} (epoch ${found.epoch + 1})`;
  };
  const rows = [
    ["accuracy on", "last", "best"],
    ["2,000 held-out digits", percent(metrics["val/clean/accuracy"]), bestOf("val/clean/accuracy")],
    ["the same, shifted", percent(metrics["val/shifted/accuracy"]), bestOf("val/shifted/accuracy")],
    ["training, clean", percent(metrics["train/clean/accuracy"]), bestOf("train/clean/accuracy")],
    ["training, shifted", percent(metrics["train/shifted/accuracy"]), bestOf("train/shifted/accuracy")],
  ];
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const lines = rows.map(
    (row) =>
      `  ${row.map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0))).join("   ")}`,
  );
  return [
    "",
    ...lines,
    "",
    `  ${result.status}: ${result.reason}`,
    `  ${result.epochs} epochs, ${result.steps} steps, ${seconds.toFixed(1)} s (processor ${cpuSeconds.toFixed(1)} s), ${Math.round(samplesPerSecond)} samples/s`,
    `  last checkpoint: ${result.checkpoint ?? "none"}`,
    `  run directory: ${result.dir}`,
    "",
  ].join("\n");
}

process.stdout.write(`${tableOf(run)}\n`);

const accuracy = run.result.metrics["val/clean/accuracy"] ?? 0;
if (run.result.status !== "interrupted" && values.epochs === undefined && accuracy < GOAL) {
  process.stderr.write(`The goal of ${GOAL * 100} % on held-out digits was not reached.\n`);
  process.exitCode = 1;
}
