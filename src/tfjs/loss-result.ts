import { TrainscopeError } from "../support/errors.js";
import { suggest } from "../support/nearest.js";
import { isPromise } from "../support/promises.js";
import { valueText } from "../support/value-text.js";
import { isTensor } from "./ops.js";
import type { TfjsLossResult, TfjsTensor } from "./types.js";

type Returned = Exclude<TfjsLossResult, TfjsTensor>;

/** What `which` returned, as an object. Throws `ERR_STEP_RESULT` where there is no loss in it, or a part that would be dropped. */
export function lossOf(returned: TfjsLossResult, which: string): Returned {
  if (isTensor(returned)) return { loss: returned };
  if (typeof returned === "object" && returned !== null && isTensor((returned as { loss?: unknown }).loss))
    return checkReturned(returned, which);
  const isAsync = isPromise<unknown>(returned);
  if (isAsync) returned.then(undefined, () => undefined); // this error is enough: what it rejects with would end the process
  const hint = isAsync ? ": gradients need it to be synchronous" : "";
  throw resultError(which, `returned ${valueText(returned)}${hint}. Return a scalar tensor, or { loss, metrics }.`);
}

/** Nothing that was returned is dropped: an unknown key, or a metric that is no number, is refused. */
function checkReturned(returned: Returned, which: string): Returned {
  checkKeys(returned, RETURNED, which, "");
  if (returned.outputs !== undefined) checkKeys(returned.outputs, OUTPUTS, which, "outputs.");
  for (const name in returned.metrics) {
    const value: unknown = returned.metrics[name];
    if (typeof value !== "number" && !isTensor(value))
      throw resultError(which, `returned ${valueText(value)} as the metric "${name}". Allowed: a tensor, or a number.`);
  }
  return returned;
}

/** More than one value a sample is, as a rule, targets [N] that were broadcast against outputs [N, 1]. */
export function checkRank({ shape }: TfjsTensor, which: string, what: string): void {
  if (shape.length < 2 || (shape.length === 2 && shape[1] === 1)) return;
  const text = `returned ${what} with the shape [${shape.join(", ")}]`;
  throw resultError(
    which,
    `${text}. Allowed: a scalar, or one value a sample: take the mean over the other dimensions, and give targets and outputs one shape.`,
  );
}

const RETURNED = ["loss", "metrics", "outputs"];
const OUTPUTS = ["predictions", "targets", "images"];

function checkKeys(given: object, known: readonly string[], which: string, where: string): void {
  for (const key in given)
    if (!known.includes(key)) throw resultError(which, `returned the unknown key "${where}${key}". ${suggest(key, known)}`);
}

function resultError(which: string, message: string): TrainscopeError {
  return new TrainscopeError("ERR_STEP_RESULT", `\`${which}\` ${message}`, { path: `tfjsModel.${which}` });
}
