import { existsSync } from "node:fs";
import { ROOT, runCommand } from "./child.js";

/** The interpreter of a separate Python environment under `.peers/`, created on first use. */
export async function ensureVenv(name: string, packages: readonly string[]): Promise<string> {
  const folder = `${ROOT}.peers/${name}`;
  const python = `${folder}/bin/python`;
  if (existsSync(`${folder}/ready`)) return python;
  process.stderr.write(`Installing ${packages.join(", ")} in .peers/${name} …\n`);
  await runCommand(process.env.PYTHON ?? "python3", ["-m", "venv", folder]);
  await runCommand(python, ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", ...packages]);
  await runCommand(python, ["-c", `open(${JSON.stringify(`${folder}/ready`)}, "w").close()`]);
  return python;
}

/** The PyTorch packages of the trainer and checkpoint benchmarks. */
export const TORCH_PACKAGES: readonly string[] = [
  "torch==2.15.0",
  "pytorch-ignite==0.5.5",
  "torchtnt==0.2.4",
  "setuptools==80.10.2",
];
