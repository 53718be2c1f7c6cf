/**
 * `npx trainscope …`
 * - Exit code: 0 when all is well, 1 when what was looked at has faults or could not be read, 2 when the call was wrong.
 * - What was asked for goes to stdout, everything else to stderr. With `--json`, stdout is one JSON document.
 */
import { readFileSync } from "node:fs";
import { Command, CommanderError } from "commander";
import { verify } from "./verify.js";

/** Where a command writes. */
export interface CliStreams {
  out: { write(text: string): unknown };
  err: { write(text: string): unknown };
}

const EXAMPLES = `
Examples:
  $ npx trainscope verify runs/digits/checkpoints
  $ npx trainscope verify runs/digits --json`;

const VERIFY_HELP = `
DIR is a directory of checkpoints, or of a run that has one. Nothing in it is changed, and a run may be writing to it.
Exit code: 0 all good, 1 faults found or nothing to verify, 2 wrong call.

Examples:
  $ npx trainscope verify runs/digits/checkpoints
  9 checkpoints, all good
  $ npx trainscope verify runs/digits --json | jq .faults`;

/** Runs one command line and resolves with the exit code. It never rejects and never ends the process. */
export async function runCli(args: readonly string[], streams: CliStreams): Promise<number> {
  let exitCode = 0;
  const program = new Command("trainscope")
    .description("Tools for the runs of trainscope.")
    .version(packageVersion())
    .addHelpText("after", EXAMPLES)
    .configureOutput({ writeOut: (text) => streams.out.write(text), writeErr: (text) => streams.err.write(text) })
    .showHelpAfterError("(--help says more)")
    .exitOverride();
  program
    .command("verify")
    .description("Read every checkpoint in DIR and compare it with its manifest; print every fault.")
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
    streams.err.write(`${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  }
}

function packageVersion(): string {
  const manifest = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as { version: string };
  return manifest.version;
}
