// Type checks sources, tests, examples, benchmarks and scripts with both compilers that this repository is written for.
import { ensureBuilt, ensureInstalled, runNode } from "./lib/prepare.mjs";

await ensureInstalled();
await ensureBuilt(); // tests and examples import the package by its own name
for (const compiler of ["typescript", "typescript-7"]) {
  await runNode([`node_modules/${compiler}/bin/tsc`, "-p", "tsconfig.json", "--noEmit"]);
  process.stdout.write(`${compiler}: no errors\n`);
}
