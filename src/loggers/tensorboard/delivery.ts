/** Flush, close and report of a writer together with its children. */
import type { Bounds, DeliveryReport } from "../../contract/index.js";
import { DEFAULT_TIMEOUT_MS, within } from "../../support/bounded-wait.js";
import { isTrainscopeError } from "../../support/errors.js";
import { checkedOptions, optional, type OptionRules } from "../../support/option-keys.js";
import type { RunOutput } from "./run-output.js";

const RULES: OptionRules<Bounds, Bounds> = {
  timeoutMs: optional({
    allowed: "milliseconds of at least 0, or Infinity",
    accepts: (value) => typeof value === "number" && value >= 0,
  }),
  signal: optional({
    allowed: "an AbortSignal",
    accepts: (value) => typeof (value as AbortSignal | null)?.addEventListener === "function",
  }),
};
/** A longer timer of Node ends at once. */
const LONGEST_TIMEOUT_MS = 2 ** 31 - 1;

/** One report over all outputs, with the first error. */
export function reportOf(outputs: readonly RunOutput[]): DeliveryReport {
  return outputs.map((output) => output.report()).reduce(added);
}

/** Writes what is pending in the outputs, within `bounds`; synchronously where no payload is pending. Never rejects. */
export async function flushOutputs(outputs: readonly RunOutput[], bounds?: Bounds): Promise<void> {
  const limits = limitsOf(outputs, bounds);
  if (outputs.some(isBusy)) await idle(outputs, limits);
  for (const output of outputs) output.flush();
}

/** Writes what is pending in the outputs, within `bounds`, and closes them; from the call on they accept no records. Never rejects. */
export async function closeOutputs(outputs: readonly RunOutput[], bounds?: Bounds): Promise<void> {
  const limits = limitsOf(outputs, bounds);
  for (const output of outputs) output.isOpen = false;
  if (outputs.some(isBusy)) await idle(outputs, limits);
  for (const output of outputs) output.close();
}

function isBusy(output: RunOutput): boolean {
  return output.thread.pending > 0;
}

async function idle(outputs: readonly RunOutput[], limits: Bounds): Promise<void> {
  await within(Promise.all(outputs.map((output) => output.thread.idle())), limits, "encode what is pending");
}

/** `bounds` with the default. What is wrong in them is reported, and the default holds: a flush never rejects. */
function limitsOf([first]: readonly RunOutput[], bounds: Bounds = {}): Bounds {
  try {
    const { timeoutMs = DEFAULT_TIMEOUT_MS, signal } = checkedOptions<Bounds, Bounds>(bounds, RULES, "SummaryWriter bounds");
    return { timeoutMs: Math.min(timeoutMs, LONGEST_TIMEOUT_MS), signal };
  } catch (error) {
    if (isTrainscopeError(error)) first?.onError(error);
    return { timeoutMs: DEFAULT_TIMEOUT_MS };
  }
}

function added(a: DeliveryReport, b: DeliveryReport): DeliveryReport {
  const sum = {
    ...a,
    delivered: a.delivered + b.delivered,
    pending: a.pending + b.pending,
    refused: a.refused + b.refused,
    dropped: a.dropped + b.dropped,
  };
  const error = a.error ?? b.error;
  return error === undefined ? sum : { ...sum, error };
}
