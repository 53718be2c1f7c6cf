/** What a manifest may hold. Its hash shows accidents; this shows what was written on purpose, or by another program. */
import type { Compression } from "../../contract/index.js";
import { NOT_IN_JSON } from "../../support/json-number.js";
import { aText, aWholeNumber, fields, is, oneOf, orMissing, orNull, recordOf } from "../../support/shape.js";
import { valueText } from "../../support/value-text.js";
import { SUFFIX } from "./compression.js";

/** Far from where adding one to a number has no effect: one tampered checkpoint must not end the order of all later ones. */
const MAX_SEQUENCE = 2 ** 52;

/** A number, or the name of one that JSON does not have (`exactJsonNumber`). */
const storedNumber = is({
  allowed: `a number, or one of ${NOT_IN_JSON.join(", ")} as text`,
  accepts: (value) => typeof value === "number" || NOT_IN_JSON.includes(value as string),
});

const sequence = is({
  allowed: `a whole number from 1 to ${MAX_SEQUENCE}`,
  accepts: (value) => Number.isSafeInteger(value) && (value as number) >= 1 && (value as number) <= MAX_SEQUENCE,
});

const date = is({
  allowed: "a date as ISO 8601 writes it",
  accepts: (value) => typeof value === "string" && /^\d{4}-\d\d-\d\dT/.test(value) && !Number.isNaN(Date.parse(value)),
});

const sha256 = is({
  allowed: "64 hexadecimal digits",
  accepts: (value) => typeof value === "string" && /^[0-9a-f]{64}$/.test(value),
});

const shape = fields({
  name: aText,
  sequence,
  epoch: aWholeNumber,
  step: aWholeNumber,
  metrics: recordOf(storedNumber),
  score: orNull(storedNumber),
  savedAt: date,
  compress: oneOf(Object.keys(SUFFIX)),
  run: orMissing(orNull(fields({ runId: aText, runName: aText }))), // earlier versions wrote none
  files: recordOf(fields({ bytes: aWholeNumber, sha256 })),
});

/** What is wrong with the body of a manifest, as the end of a sentence about it, or null. */
export function manifestProblem(body: Readonly<Record<string, unknown>>): string | null {
  const { compress, files } = body as { compress: Compression; files: object };
  return shape(body, "") ?? filesProblem(compress, Object.keys(files));
}

/** Only the names that a save gives: no file outside of the checkpoint is ever opened, and none is left out. */
function filesProblem(compress: Compression, names: readonly string[]): string | null {
  const model = `model.safetensors${SUFFIX[compress]}`;
  const known = [model, `optimizer.safetensors${SUFFIX[compress]}`, "run.json"];
  const foreign = names.find((name) => !known.includes(name));
  if (foreign !== undefined) return `files names ${valueText(foreign)}; allowed with compress "${compress}": ${known.join(", ")}`;
  return names.includes(model) ? null : `files does not name ${model}`;
}
