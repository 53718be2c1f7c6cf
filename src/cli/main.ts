#!/usr/bin/env node
import { nodeProblem } from "../support/node-floor.js";

const problem = nodeProblem(process.versions);
if (problem === null) {
  const [{ runCli }, { guardedStreams }] = await Promise.all([import("./program.js"), import("./streams.js")]);
  const { streams, exitCode } = guardedStreams(process.stdout, process.stderr);
  process.exitCode = exitCode(await runCli(process.argv.slice(2), streams));
} else {
  process.stderr.write(`${problem}\n`);
  process.exitCode = 1;
}
