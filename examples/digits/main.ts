// `npm start`: trains a digit classifier with all logging enabled, and prints how it does on digits that nothing has seen.
import { DEFAULTS, parseCommandLine, type CommandLine } from "./options.js";

/** The least accuracy on the test that a run with the default options reaches. */
const FLOOR = 0.965;

const commandLine = parseCommandLine(process.argv.slice(2));
process.exitCode = typeof commandLine === "number" ? commandLine : await main(commandLine);

/** Trains, tests, and returns the exit code. What takes long to load is imported here: help needs none of it. */
async function main({ resume, ...options }: CommandLine): Promise<number> {
  const { isTrainscopeError } = await import("trainscope");
  const { runDigits } = await import("./run.js");
  const { testDigits } = await import("./test.js");
  const { tableOf } = await import("./table.js");
  try {
    const run = await runDigits({ ...options, resume: resume ? "auto" : "never" });
    const tested = testDigits(run.net);
    process.stdout.write(tableOf(run, tested));
    const { status } = run.result;
    const isDefault = options.epochs === DEFAULTS.epochs && options.learningRate === DEFAULTS.learningRate;
    if (status === "interrupted") return 130;
    if (!isDefault || options.seed !== DEFAULTS.seed || tested.clean.accuracy >= FLOOR) return 0;
    process.stderr.write(`The accuracy is below ${FLOOR * 100} %, which these options reach.\n`);
  } catch (error) {
    if (!isTrainscopeError(error)) throw error;
    process.stderr.write(`${error.message}\n`); // the training log has the whole error
  }
  return 1;
}
