import { TrainscopeError, isTrainscopeError, messageOf } from "../support/errors.js";
import type { Run } from "./run.js";

/** Closes the loaders of a run for good; returns what failed in it. */
export async function closeLoaders<Batch>(run: Run<Batch>): Promise<TrainscopeError[]> {
  const closing = [run.train, run.validation].map(async (split) => split?.loader.close());
  const settled = await run.interruption.beforeDeadline(Promise.allSettled(closing));
  const rejected = (settled ?? []).filter((outcome) => outcome.status === "rejected");
  return rejected.map(({ reason }) =>
    isTrainscopeError(reason)
      ? reason
      : new TrainscopeError("ERR_LOADER", `A loader could not be closed: ${messageOf(reason)}`, { cause: reason }),
  );
}
