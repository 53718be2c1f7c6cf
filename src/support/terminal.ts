/** What is known of a stream that may be a terminal. */
interface MaybeTerminal {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
}

const UNKNOWN_WIDTH = 80;

/** True for a terminal that can be drawn on: one that takes no control sequences (`TERM=dumb`) is none. */
export function isTerminal({ isTTY }: MaybeTerminal): boolean {
  return isTTY === true && process.env["TERM"] !== "dumb";
}

/** Cells of a line now: of the terminal, else by the environment variable COLUMNS, else 80. A terminal that says 0 does not know. */
export function columnsOf({ columns }: MaybeTerminal): number {
  if (isWidth(columns)) return columns;
  const given = Number(process.env["COLUMNS"]);
  return isWidth(given) ? given : UNKNOWN_WIDTH;
}

function isWidth(columns: unknown): columns is number {
  return typeof columns === "number" && Number.isInteger(columns) && columns > 0;
}
