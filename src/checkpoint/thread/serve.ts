/** The writing side of the thread: takes one request at a time, commits it, and says what became of it. */
import type { MessagePort } from "node:worker_threads";
import { messageOf } from "../../support/errors.js";
import { commit, type CommitListener, type CommitPlan, type CommitPoint } from "../disk/commit.js";
import { errorCode, type CheckpointFiles } from "../disk/files.js";
import type { Manifest } from "../format/manifest.js";

/** The large buffers of `plan.files` are shared, and left alone until the answer. */
export interface SaveRequest {
  plan: CommitPlan;
}

/** An error as it crosses threads: a clone would lose its code. */
export interface SentError {
  message: string;
  code: string | undefined;
  stack: string | undefined;
}

export interface SentFault {
  operation: string;
  path: string;
  cause: SentError;
}

/** In this order: `committed` where it was, then `done`. */
export type SaveReply =
  | { kind: "committed"; manifest: Manifest; warnings: readonly string[] }
  | ({ kind: "done" } & WriteOutcome);

/** How a request ended. Warnings that `committed` told are not told again. */
export interface WriteOutcome {
  fault: SentFault | null;
  warnings: readonly string[];
}

/** Answers every request on `port` until it is closed. */
export function serve(port: MessagePort, files: CheckpointFiles, onPoint?: (point: CommitPoint) => void): void {
  const reply = (message: SaveReply): void => port.postMessage(message);
  const answer = async (plan: CommitPlan): Promise<void> => {
    const outcome = await perform(files, plan, {
      onPoint,
      onCommitted: (manifest, warnings) => reply({ kind: "committed", manifest, warnings }),
    });
    reply({ kind: "done", ...outcome });
  };
  port.on("message", ({ plan }: SaveRequest) => void answer(plan));
}

/** Commits one plan. Never rejects. */
export async function perform(files: CheckpointFiles, plan: CommitPlan, listener: CommitListener): Promise<WriteOutcome> {
  let told = 0;
  const result = await commit(files, plan, {
    ...listener,
    onCommitted(manifest, warnings) {
      told = warnings.length;
      listener.onCommitted?.(manifest, [...warnings]);
    },
  });
  if (!("fault" in result)) return { fault: null, warnings: result.warnings.slice(told) };
  const { operation, path, cause } = result.fault;
  return { fault: { operation, path, cause: sent(cause) }, warnings: [] };
}

function sent(error: unknown): SentError {
  return { message: messageOf(error), code: errorCode(error), stack: error instanceof Error ? error.stack : undefined };
}
