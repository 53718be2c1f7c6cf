/** Flush, close and report of a writer together with its children. */
import type { Bounds, DeliveryReport } from "../../contract/index.js";
import { DEFAULT_TIMEOUT_MS, within } from "../../support/bounded-wait.js";
import type { RunOutput } from "./run-output.js";

/** One report over all outputs, with the first error. */
export function reportOf(outputs: readonly RunOutput[]): DeliveryReport {
  return outputs.map((output) => output.report()).reduce(added);
}

/** Writes what is pending in the outputs, within `bounds`; synchronously where no payload is pending. Never rejects. */
export async function flushOutputs(outputs: readonly RunOutput[], bounds?: Bounds): Promise<void> {
  if (outputs.some(isBusy)) await idle(outputs, bounds);
  for (const output of outputs) output.flush();
}

/** Writes what is pending in the outputs, within `bounds`, and closes them; from the call on they accept no records. Never rejects. */
export async function closeOutputs(outputs: readonly RunOutput[], bounds?: Bounds): Promise<void> {
  for (const output of outputs) output.isOpen = false;
  if (outputs.some(isBusy)) await idle(outputs, bounds);
  for (const output of outputs) output.close();
}

function isBusy(output: RunOutput): boolean {
  return output.thread.pending > 0;
}

async function idle(outputs: readonly RunOutput[], bounds: Bounds | undefined): Promise<void> {
  const limits = { timeoutMs: bounds?.timeoutMs ?? DEFAULT_TIMEOUT_MS, signal: bounds?.signal };
  await within(Promise.all(outputs.map((output) => output.thread.idle())), limits, "encode what is pending");
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
