/** Why a commit failed, in parts that a message can be made of. */
export interface CommitProblem {
  /** What was being done: `write`, `rename to its name`. */
  operation: string;
  /** What it was done to. */
  path: string;
  cause: unknown;
}

/** Carries a `CommitProblem` from where it arises to `commit`. */
export class CommitError extends Error {
  readonly problem: CommitProblem;

  constructor(problem: CommitProblem) {
    super(problem.operation, { cause: problem.cause });
    this.problem = problem;
  }
}

/** Runs `act`. What it throws becomes the cause of a `CommitError` that names the operation and the path. */
export async function during<T>(operation: string, path: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (cause) {
    throw new CommitError({ operation, path, cause });
  }
}

/** For cleaning up after an error: the first error is the one to report, and what is left over is removed with the next lock. */
export async function ignoringErrors(act: () => Promise<unknown>): Promise<void> {
  try {
    await act();
  } catch {
    // see above
  }
}
