import { readFileSync } from "node:fs";
import { Command, CommanderError } from "commander";
import { printableLines } from "../support/printable.js";
import type { CliStreams } from "./streams.js";
import { verify } from "./verify.js";

const EXAMPLES = `
Examples:
  $ npx trainscope verify runs/digits/checkpoints
  $ npx trainscope verify runs/digits --json`;

const VERIFY_HELP = `
DIR is a directory of checkpoints, or of a run that has one. The command only reads, so that a run may save there meanwhile.
Exit code: 0 all good, 1 faults found or nothing to verify, 2 wrong arguments.

Examples:
  $ npx trainscope verify runs/digits/checkpoints
  9 checkpoints, all good
  $ npx trainscope verify runs/digits --json | jq .faults`;

/**
 * Runs the command line `npx trainscope …` and resolves with the exit code. Never rejects, and never ends the process.
 * - Exit code: 0 when all is good, 1 when faults were found or something could not be read, 2 when the arguments are wrong.
 * - The result goes to stdout, everything else to stderr. With `--json`, stdout is one JSON document.
 */
export async function runCli(args: readonly string[], streams: CliStreams): Promise<number> {
  let exitCode = 0;
  const program = new Command("trainscope")
    .description("Tools for training runs recorded with trainscope.")
    .version(packageVersion())
    .addHelpText("after", EXAMPLES)
    .configureOutput({ writeOut: (text) => streams.out.write(text), writeErr: (text) => streams.err.write(printableLines(text)) })
    .showHelpAfterError("(use --help for the arguments)")
    .exitOverride();
  program
    .command("verify")
    .description("Compare every checkpoint in DIR with its manifest, and print every fault.")
    .argument("<DIR>", "a directory of checkpoints, or of a run")
    .option("--json", "print one JSON document: { dir, checkpoints, faults }")
    .addHelpText("after", VERIFY_HELP)
    .action(async (dir: string, options: { json?: boolean }) => {
      exitCode = await verify(dir, options.json === true, streams);
    });
  try {
    await program.parseAsync(args, { from: "user" });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    streams.err.write(`${printableLines(error instanceof Error ? error.message : String(error))}\n`);
    return 1;
  }
}

function packageVersion(): string {
  const manifest = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as { version: string };
  return manifest.version;
}
