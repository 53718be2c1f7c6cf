import { afterEach, expect, test, vi } from "vitest";
import { columnsOf, isTerminal } from "./terminal.js";

afterEach(() => vi.unstubAllEnvs());

test.each([
  { columns: 132, variable: "60", width: 132 },
  { columns: 0, variable: "60", width: 60 },
  { columns: undefined, variable: "60", width: 60 },
  { columns: 0, variable: "", width: 80 },
  { columns: undefined, variable: "wide", width: 80 },
  { columns: NaN, variable: "-5", width: 80 },
])("columns $columns, COLUMNS=$variable: $width", ({ columns, variable, width }) => {
  vi.stubEnv("COLUMNS", variable);
  expect(columnsOf({ columns })).toBe(width);
});

test("a terminal that takes no control sequences is none to draw on", () => {
  vi.stubEnv("TERM", "xterm");
  expect([isTerminal({ isTTY: true }), isTerminal({ isTTY: false }), isTerminal({})]).toEqual([true, false, false]);
  vi.stubEnv("TERM", "dumb");
  expect(isTerminal({ isTTY: true })).toBe(false);
});
