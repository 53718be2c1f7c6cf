/** What failed while a checkpoint was written. */

/** In words that a message can be made of. */
export interface CommitFault {
  operation: string;
  path: string;
  cause: unknown;
}

/** Carries what was being done to the one place that tells it. */
export class Fault extends Error {
  readonly fault: CommitFault;

  constructor(fault: CommitFault) {
    super(fault.operation, { cause: fault.cause });
    this.fault = fault;
  }
}

export async function doing<T>(operation: string, path: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (cause) {
    throw new Fault({ operation, path, cause });
  }
}

/** For cleaning after a fault: that fault is told, not this one; what stays is cleaned with the next lock. */
export async function quietly(act: () => Promise<unknown>): Promise<void> {
  try {
    await act();
  } catch {
    // see above
  }
}
