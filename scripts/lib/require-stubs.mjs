import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, posix } from "node:path";

const REFUSAL = `
const problem = nodeProblem(process.versions);
if (problem !== null) {
  const error = Object.assign(new Error(problem), { name: "TrainscopeError", code: "ERR_NODE_VERSION" });
  error.stack = problem;
  throw error;
}
`;

/**
 * Writes what an older Node's `require` loads for each subpath: it refuses that Node in the sentence that `import` gets there. The Node
 * itself would only say that it cannot require an ES module. Newer ones choose `module-sync` in `exports` before, which is the ES module,
 * and bundlers choose `default`; where this is loaded by others, it returns the ES module, so that there is one copy of everything.
 * The condition `node-addons` is one that every Node and nothing that bundles or checks types has.
 */
export function writeRequireStubs(dist, exports) {
  mkdirSync(join(dist, "require"));
  const floor = readFileSync(join(dist, "support/node-floor.js"), "utf8").replace("export function", "function");
  writeFileSync(join(dist, "require/node-floor.cjs"), `"use strict";\n${floor}${REFUSAL}`);
  for (const target of Object.values(exports).filter((entry) => entry["node-addons"] !== undefined)) {
    const module = posix.relative("dist/require", target.default.replace("./", ""));
    const lines = ['"use strict";', 'require("./node-floor.cjs");', `module.exports = require("${module}");`, ""];
    writeFileSync(join(dist, target["node-addons"].replace("./dist/", "")), lines.join("\n"));
  }
}
