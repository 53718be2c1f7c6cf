/** What the two sides of the thread send each other. */
import type { CommitPlan } from "../disk/commit-plan.js";
import type { Manifest } from "../format/manifest.js";

/** The large buffers of `plan.files` are shared, and must not change before the answer. */
export interface WriteRequest {
  plan: CommitPlan;
}

/** An error as it crosses threads: a clone would lose its code. */
export interface SentError {
  message: string;
  code: string | undefined;
  stack: string | undefined;
}

/** A `CommitProblem` as it crosses threads. */
export interface SentProblem {
  operation: string;
  path: string;
  cause: SentError;
}

/** In this order: `committed` if the checkpoint is durable, then `done`. */
export type WriteReply =
  | { kind: "committed"; manifest: Manifest; warnings: readonly string[] }
  | ({ kind: "done" } & WriteOutcome);

/** How a request ended. Warnings that `committed` reported are not repeated. */
export interface WriteOutcome {
  problem: SentProblem | null;
  warnings: readonly string[];
}
