// `npm start`: trains a digit classifier with all logging enabled, and prints how it does on digits that nothing has seen.
import { DEFAULTS, parseCommandLine, type CommandLine } from "./options.js";

/** The least accuracy on the test that a run with the default options reaches. */
const FLOOR = 0.965;

const options = parseCommandLine(process.argv.slice(2));
process.exitCode = typeof options === "number" ? options : await main(options);

/** Trains, tests, and returns the exit code. What takes long to load is imported here: help needs none of it. */
async function main(given: CommandLine): Promise<number> {
  const { isTrainscopeError } = await import("trainscope");
  const { runDigits } = await import("./run.js");
  const { testDigits } = await import("./test.js");
  const { tableOf } = await import("./table.js");
  try {
    const { result, net } = await runDigits(given);
    const tested = testDigits(net);
    process.stdout.write(tableOf(result, tested));
    if (result.status === "interrupted") return 130;
    if (tested.clean.accuracy >= FLOOR || !areDefaults(given)) return 0;
    process.stderr.write(`The accuracy is below ${FLOOR * 100} %, which these options reach.\n`);
  } catch (error) {
    if (!isTrainscopeError(error)) throw error;
    process.stderr.write(`${error.message}\n`); // the training log has the whole error
  }
  return 1;
}

/** True where nothing is given that changes what is learned. */
function areDefaults({ epochs, learningRate, seed }: CommandLine): boolean {
  return epochs === DEFAULTS.epochs && learningRate === DEFAULTS.learningRate && seed === DEFAULTS.seed;
}
