import { Command, CommanderError, InvalidArgumentError } from "commander";

/** What the command line of `npm start` can change. */
export interface CommandLine {
  epochs: number;
  learningRate: number;
  seed: number;
  runName?: string;
  runsDir: string;
  resume?: boolean;
}

export const DEFAULTS: Omit<CommandLine, "resume" | "runName"> = { epochs: 32, learningRate: 0.05, seed: 7, runsDir: "runs" };

const EXAMPLES = `
Examples:
  $ npm start
  $ npm start -- --epochs 2 --run-name short
  $ npm start -- --run-name slow --learning-rate 0.01
  $ npm start -- --run-name long --resume    (starts it, or goes on with it)

Exit code: 0 the run has ended as it should, 1 it failed, or missed the accuracy
that the defaults reach, 2 an option is wrong, 130 it was interrupted.`;

/** The options; or the exit code where help was asked for, or an option is wrong. */
export function parseCommandLine(args: readonly string[]): CommandLine | number {
  const command = new Command("npm start --")
    .usage("[options]")
    .description("Trains a digit classifier on 7,200 real digits, and tests it on 2,000 others.")
    .option("--epochs <n>", "how many epochs of 125 batches of 64 digits", numberFrom(1, true), DEFAULTS.epochs)
    .option("--learning-rate <rate>", "at the start; it falls to a hundredth", numberFrom(1e-6, false), DEFAULTS.learningRate)
    .option("--seed <n>", "another one gives another run; the same one repeats it", numberFrom(0, true), DEFAULTS.seed)
    .option("--run-name <name>", "the run's directory in the runs directory (default: the time of the start)")
    .option("--runs-dir <dir>", "where runs are written", DEFAULTS.runsDir)
    .option("--resume", "go on with the run of that name where it was stopped")
    .addHelpText("after", EXAMPLES)
    .showHelpAfterError("(npm start -- --help lists the options)")
    .allowExcessArguments(false)
    .exitOverride();
  try {
    const options = command.parse(args, { from: "user" }).opts<CommandLine>();
    if (options.resume === true && options.runName === undefined) command.error("error: --resume needs --run-name: which run?");
    return options;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    throw error;
  }
}

function numberFrom(least: number, isWhole: boolean): (text: string) => number {
  return (text) => {
    const value = text.trim() === "" ? NaN : Number(text);
    if (value >= least && value < Infinity && (!isWhole || Number.isSafeInteger(value))) return value;
    throw new InvalidArgumentError(`Allowed: ${isWhole ? "whole numbers" : "numbers"} from ${least}.`);
  };
}
