/** The side of the thread: commits one requested plan after the other. */
import type { MessagePort } from "node:worker_threads";
import { errorCode } from "../../support/error-code.js";
import { messageOf } from "../../support/errors.js";
import { commit } from "../disk/commit.js";
import type { CommitListener, CommitPlan } from "../disk/commit-plan.js";
import type { CommitPoint } from "../disk/commit-point.js";
import type { CheckpointFiles } from "../disk/files.js";
import type { SentError, WriteOutcome, WriteReply, WriteRequest } from "./messages.js";

/** Answers every request on `port` until it is closed. */
export function serve(port: MessagePort, files: CheckpointFiles, onPoint?: (point: CommitPoint) => void): void {
  const reply = (message: WriteReply): void => port.postMessage(message);
  const answer = async (plan: CommitPlan): Promise<void> => {
    const outcome = await perform(files, plan, {
      onPoint,
      onCommitted: (manifest, warnings) => reply({ kind: "committed", manifest, warnings }),
    });
    reply({ kind: "done", ...outcome });
  };
  port.on("message", ({ plan }: WriteRequest) => void answer(plan));
}

/** Commits one plan. Never rejects. */
export async function perform(files: CheckpointFiles, plan: CommitPlan, listener: CommitListener): Promise<WriteOutcome> {
  let reported = 0;
  const result = await commit(files, plan, {
    ...listener,
    onCommitted(manifest, warnings) {
      reported = warnings.length;
      listener.onCommitted?.(manifest, [...warnings]);
    },
  });
  if (!("problem" in result)) return { problem: null, warnings: result.warnings.slice(reported) };
  const { operation, path, cause } = result.problem;
  return { problem: { operation, path, cause: sendable(cause) }, warnings: [] };
}

function sendable(error: unknown): SentError {
  return { message: messageOf(error), code: errorCode(error), stack: error instanceof Error ? error.stack : undefined };
}
