/**
 * What a terminal shows after some bytes: enough of one for our own console and progress bar. Unknown sequences are an error, so that a
 * picture never shows something else than a terminal would.
 */

const TAB = 8;
const ESCAPE = "\u001b";
const TOKEN = new RegExp(`${ESCAPE}\\[[?]?[\\d;]*[A-Za-z]|${ESCAPE}[^[]|[^${ESCAPE}]`, "gu");
const CONTROL = new RegExp(`^${ESCAPE}\\[([?\\d;]*)([A-Za-z])$`, "u");

/**
 * The lines of the screen, each a list of `{ text, style }`; a style is `{ color, bold, dim }`.
 * @param {string} bytes
 * @param {number} columns
 */
export function screenOf(bytes, columns) {
  const screen = { rows: [[]], row: 0, column: 0, style: {}, columns };
  for (const [token] of bytes.matchAll(TOKEN)) write(screen, token);
  return screen.rows.map(spansOf);
}

function write(screen, token) {
  if (token === "\n") moveTo(screen, screen.row + 1, screen.column);
  else if (token === "\r") screen.column = 0;
  else if (token === "\b") screen.column = Math.max(0, screen.column - 1);
  else if (token === "\t") screen.column += TAB - (screen.column % TAB);
  else if (token === "\x07") return;
  else if (token.startsWith(ESCAPE)) control(screen, token);
  else put(screen, token);
}

function put(screen, character) {
  if (screen.column >= screen.columns) moveTo(screen, screen.row + 1, 0);
  screen.rows[screen.row][screen.column++] = { character, style: screen.style };
}

function moveTo(screen, row, column) {
  screen.row = Math.max(0, row);
  screen.column = Math.max(0, column);
  while (screen.rows.length <= screen.row) screen.rows.push([]);
}

function control(screen, token) {
  const [, parameters = "", letter = ""] = CONTROL.exec(token) ?? [];
  const count = Math.max(1, Number(parameters.split(";")[0]) || 0);
  const { row, column } = screen;
  if (letter === "m") screen.style = parameters.split(";").reduce(styled, screen.style);
  else if (letter === "A") moveTo(screen, row - count, column);
  else if (letter === "B") moveTo(screen, row + count, column);
  else if (letter === "C") moveTo(screen, row, column + count);
  else if (letter === "D") moveTo(screen, row, column - count);
  else if (letter === "G") moveTo(screen, row, count - 1);
  else if (letter === "K") erase(screen, parameters);
  else if (letter === "J" && (parameters === "" || parameters === "0")) {
    screen.rows[row].length = Math.min(screen.rows[row].length, column);
    screen.rows.length = row + 1;
  } else if (!parameters.startsWith("?")) throw new Error(`The terminal does not know ${JSON.stringify(token)}.`);
}

function erase({ rows, row, column }, parameters) {
  const line = rows[row];
  if (parameters === "2") line.length = 0;
  else if (parameters === "1") line.fill(undefined, 0, column + 1);
  else line.length = Math.min(line.length, column);
}

const COLORS = ["black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"];

function styled(style, code) {
  const number = Number(code);
  if (number === 0) return {};
  if (number === 1) return { ...style, bold: true };
  if (number === 2) return { ...style, dim: true };
  if (number === 22) return { ...style, bold: false, dim: false };
  if (number === 39) return { ...style, color: undefined };
  if (number >= 30 && number <= 37) return { ...style, color: COLORS[number - 30] };
  if (number >= 90 && number <= 97) return { ...style, color: COLORS[number - 90], dim: number === 90 };
  throw new Error(`The terminal does not know the style ${code}.`);
}

/** Neighbours of one style as one span, without blanks at the end of the line. */
function spansOf(line) {
  const spans = [];
  for (const cell of Array.from(line, (given) => given ?? { character: " ", style: {} })) {
    const last = spans.at(-1);
    if (last !== undefined && JSON.stringify(last.style) === JSON.stringify(cell.style)) last.text += cell.character;
    else spans.push({ text: cell.character, style: cell.style });
  }
  const last = spans.at(-1);
  if (last !== undefined) last.text = last.text.trimEnd();
  return spans;
}
