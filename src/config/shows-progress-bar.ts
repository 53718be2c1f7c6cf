import type { ResolvedGenericTrainerConfig } from "../contract/index.js";
import { isTerminal } from "../support/terminal.js";
import { activeLoggers } from "./logging.js";

/** True where the run shows progress: where it is asked for, and by default where the console's lines go to a terminal. */
export function showsProgressBar({ hooks, logging, logLevel }: ResolvedGenericTrainerConfig): boolean {
  const { enableProgressBar } = hooks;
  if (enableProgressBar !== "auto") return enableProgressBar;
  const showsInfo = logLevel === "debug" || logLevel === "info";
  return showsInfo && activeLoggers(logging).includes("console") && isTerminal(process.stdout);
}
