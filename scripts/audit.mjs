/**
 * `npm run audit`: known vulnerabilities of what users install (dependencies, not development ones), from the registry.
 * Ends with 1 where there is one. A registry without audits (a mirror, often) says nothing: then that is said, and it ends with 0.
 */
import { spawnSync } from "node:child_process";
import { npm, ROOT } from "./lib/prepare.mjs";

const [command, args, options] = npm(["audit", "--omit=dev", "--json"]);
const { stdout, error } = spawnSync(command, args, { ...options, cwd: ROOT, encoding: "utf8" });
if (error !== undefined) throw error;
const report = stdout.startsWith("{") ? JSON.parse(stdout) : {};
const found = Object.values(report.vulnerabilities ?? {});
if (report.auditReportVersion === undefined) {
  process.stdout.write(
    `SKIPPED audit: the registry has no audits (${report.message ?? report.error?.summary ?? "no reason given"})\n`,
  );
} else if (found.length === 0) {
  process.stdout.write(`No known vulnerability in ${report.metadata.dependencies.prod} production dependencies.\n`);
} else {
  for (const { name, severity, range } of found) process.stderr.write(`${name} ${range}: ${severity}\n`);
  process.stderr.write("`npm audit` has the details.\n");
  process.exitCode = 1;
}
