// `npm run schemas`: writes what is generated from the config schemas and the table of built-in hooks: the JSON Schema of config files,
// the config reference, the public types of the config, index files. `-- --check` writes nothing and fails when a file is out of date.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { generatedFiles } from "./config-reference.ts";

const check = process.argv.includes("--check");

function current(url) {
  try {
    return readFileSync(url, "utf8");
  } catch {
    return null;
  }
}

for (const [name, text] of Object.entries(generatedFiles())) {
  const url = new URL(`../${name}`, import.meta.url);
  const isCurrent = current(url) === text;
  if (check) {
    process.stdout.write(`${isCurrent ? "up to date" : "out of date"}: ${name}\n`);
    if (!isCurrent) process.exitCode = 1;
  } else if (!isCurrent) {
    mkdirSync(new URL(".", url), { recursive: true });
    writeFileSync(url, text);
    process.stdout.write(`written: ${name}\n`);
  }
}
