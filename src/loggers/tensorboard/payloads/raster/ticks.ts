/** A mark on an axis and its label. */
export interface Tick {
  value: number;
  label: string;
}

const ROUND_STEPS = [1, 2, 2.5, 5];
/** In steps: a mark that is outside of the range by a rounding error still counts. */
const SLACK = 1e-9;

/** Marks between `least` and `greatest` at multiples of the smallest round step that gives no more than `most`. */
export function ticksOf(least: number, greatest: number, most: number): Tick[] {
  const largest = Math.max(Math.abs(least), Math.abs(greatest));
  for (let exponent = Math.floor(Math.log10((greatest - least) / (most + 1))); ; exponent += 1) {
    for (const factor of ROUND_STEPS) {
      const step = factor * 10 ** exponent;
      const first = Math.ceil(least / step - SLACK);
      const count = Math.floor(greatest / step + SLACK) - first + 1;
      if (count > most) continue;
      const values = Array.from({ length: count }, (_, index) => (first + index) * step + 0); // no -0
      return values.map((value) => ({ value, label: labelOf(value, step, largest) }));
    }
  }
}

/** As many digits as distinguish a mark from the next; powers of ten for very large or small values. */
function labelOf(value: number, step: number, largest: number): string {
  if (value === 0) return "0";
  const exponent = Math.floor(Math.log10(step) + 1e-9);
  const mantissaDigits = isRound(step / 10 ** exponent) ? 0 : 1;
  if (largest < 1e6 && step >= 1e-5) return value.toFixed(Math.max(0, mantissaDigits - exponent));
  const digits = Math.floor(Math.log10(Math.abs(value)) + 1e-9) - exponent + mantissaDigits;
  return value.toExponential(Math.min(15, Math.max(0, digits))).replace("e+", "e");
}

function isRound(number: number): boolean {
  return Math.abs(number - Math.round(number)) < 1e-6;
}
