#!/usr/bin/env node
import { runCli } from "./program.js";
import { guardedStreams } from "./streams.js";

const { streams, exitCode } = guardedStreams(process.stdout, process.stderr);
process.exitCode = exitCode(await runCli(process.argv.slice(2), streams));
