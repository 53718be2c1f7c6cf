import { columnsOf } from "../../support/terminal.js";
import { TextOutput, type LineStream } from "../../support/text-output.js";

const CLEAR_LINE = "\r\u001b[K";
/** No layout is possible in less. */
const LEAST_COLUMNS = 8;

/** The colors that the console uses, as SGR codes. */
export const COLOR = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33, cyan: 36 } as const;

/** The last line that was written to a stream by whichever run. */
const lastLines = new WeakMap<LineStream, string>();

/** Colors `text`, or returns it as it is. */
export type Paint = (color: number, text: string) => string;

/**
 * Where the console writes: lines to a stream, with its width and its colors.
 * - The width is read at each write, so that a terminal may be resized under way.
 * - On a terminal what is written clears the line it is written over: a progress bar there is not mixed in.
 */
export class Screen {
  readonly output: TextOutput;
  readonly #stream: LineStream;
  readonly #color: boolean;

  constructor(stream: LineStream, color: boolean | undefined) {
    this.#stream = stream;
    this.output = new TextOutput(stream);
    this.#color = color ?? (this.output.isTTY && (process.env["NO_COLOR"] ?? "") === "");
  }

  /** Cells that a line may have. */
  get columns(): number {
    return Math.max(LEAST_COLUMNS, columnsOf(this.#stream));
  }

  readonly paint: Paint = (color, text) => (this.#color && text !== "" ? `\u001b[${color}m${text}\u001b[0m` : text);

  /** Writes lines that belong together: all of them, or none. A first line that is empty is left out below another, and where nothing stands above. */
  print(lines: readonly string[]): void {
    const above = lastLines.get(this.#stream) ?? "";
    const shown = lines[0] === "" && above === "" ? lines.slice(1) : lines;
    if (shown.length === 0) return;
    lastLines.set(this.#stream, shown.at(-1) as string);
    this.output.write(`${this.output.isTTY ? CLEAR_LINE : ""}${shown.join("\n")}\n`);
  }
}
