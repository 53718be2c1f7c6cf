/** Numbers that JSON has no word for. */

/** What `exactJsonNumber` writes for a number that JSON does not have. */
export const NOT_IN_JSON: readonly string[] = ["NaN", "Infinity", "-Infinity", "-0"];

/** `value`, or its name as a string: `"NaN"`, `"Infinity"`, `"-Infinity"`. For people and for logs; -0 becomes 0 in JSON. */
export function jsonNumber(value: number): number | string {
  return Number.isFinite(value) ? value : String(value);
}

/** As `jsonNumber`, and -0 is `"-0"`: `Number(…)` gives back every value to the bit. For saved states. */
export function exactJsonNumber(value: number): number | string {
  return Object.is(value, -0) ? "-0" : jsonNumber(value);
}
