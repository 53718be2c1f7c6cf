// `node scripts/ci-summary.mjs DIR FAILED_STEPS`: adds up vitest's JSON reports. Ends with "N passed, N failed".
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";

const [directory, failedSteps] = process.argv.slice(2);
let passed = 0;
let failed = 0;
for (const name of readdirSync(directory).sort()) {
  const report = JSON.parse(readFileSync(join(directory, name), "utf8"));
  process.stdout.write(`${name}: ${report.numPassedTests} of ${report.numTotalTests} passed\n`);
  passed += report.numPassedTests;
  failed += report.numFailedTests;
}
process.stdout.write(`${passed} passed, ${Math.max(failed, Number(failedSteps))} failed\n`);
