// `npm run schemas`: writes what is generated from the config schemas and the table of built-in hooks: the JSON Schema of config files, the
// config reference, the public types of the config, doc comments of options, index files, and tables of other pages. `-- --check` writes nothing and fails when a file
// is out of date.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { hookIndexes } from "./hook-indexes.ts";

const check = process.argv.includes("--check");

function current(url) {
  try {
    return readFileSync(url, "utf8");
  } catch {
    return null;
  }
}

function write(files) {
  for (const [name, text] of Object.entries(files)) {
    const url = new URL(`../${name}`, import.meta.url);
    if (current(url) === text) continue;
    process.stdout.write(`${check ? "out of date" : "written"}: ${name}\n`);
    if (check) {
      process.exitCode = 1;
      continue;
    }
    mkdirSync(new URL(".", url), { recursive: true });
    writeFileSync(url, text);
  }
}

write(hookIndexes());
const { generatedFiles } = await import("./config-reference.ts"); // it imports what was just written
write(await generatedFiles());
const { pageSections } = await import("./page-sections.ts");
write(pageSections());
