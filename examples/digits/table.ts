import type { FitResult } from "trainscope";
import type { Tested } from "./test.js";

/** The result of the test, as lines of at most 80 columns. */
export function tableOf({ best }: FitResult, { clean, shifted }: Record<"clean" | "shifted", Tested>): string {
  const count = clean.all.reduce((sum, digits) => sum + digits, 0).toLocaleString("en");
  const epoch = best["val/clean/loss"]?.epoch;
  const weights = epoch === undefined ? "the last weights" : `the best weights (epoch ${epoch + 1})`;
  const row = (name: string, cells: readonly (string | number)[]): string =>
    `  ${name.padEnd(18)}${cells.map((cell) => String(cell).padStart(5)).join("")}`;
  const accuracy = (name: string, of: Tested): string => `  ${name.padEnd(32)}${(of.accuracy * 100).toFixed(2).padStart(6)} %`;
  return [
    "",
    `  Test on ${count} digits not seen before, with ${weights}`,
    "",
    accuracy("right", clean),
    accuracy("right, shifted up to 2 pixels", shifted),
    "",
    row("digit", [...clean.all.keys()]),
    row("how many", clean.all),
    row("wrong", clean.wrong),
    row("wrong, shifted", shifted.wrong),
    "",
    "  Which digits are taken for which: confusion/val under Images in TensorBoard",
    "",
    "",
  ].join("\n");
}
