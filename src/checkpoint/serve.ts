/** The writing side of the thread: takes one request at a time, commits it, and gives the buffers back. */
import type { MessagePort } from "node:worker_threads";
import { messageOf } from "../errors.js";
import { commit, type CommitPlan, type CommitPoint } from "./commit.js";
import { errorCode, type CheckpointFiles } from "./files.js";
import type { Manifest } from "./manifest.js";

/** The buffers of `plan.files` are transferred. */
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

/** In this order: `committed` where it was, then `done` with the buffers. */
export type SaveReply =
  | { kind: "committed"; manifest: Manifest; warnings: readonly string[] }
  | { kind: "done"; fault: SentFault | null; warnings: readonly string[]; buffers: ArrayBuffer[] };

/** Answers every request on `port` until it is closed. */
export function serve(port: MessagePort, files: CheckpointFiles, onPoint?: (point: CommitPoint, name: string) => void): void {
  port.on("message", ({ plan }: SaveRequest) => {
    void answer(port, files, plan, onPoint);
  });
}

async function answer(
  port: MessagePort,
  files: CheckpointFiles,
  plan: CommitPlan,
  onPoint: ((point: CommitPoint, name: string) => void) | undefined,
): Promise<void> {
  const reply = (message: SaveReply, transfer: ArrayBuffer[] = []): void => port.postMessage(message, transfer);
  let told = 0;
  const result = await commit(files, plan, {
    onPoint,
    onCommitted(manifest, warnings) {
      told = warnings.length;
      reply({ kind: "committed", manifest, warnings: [...warnings] });
    },
  });
  const buffers = plan.files.filter(({ file }) => file !== "run.json").map(({ bytes }) => bytes.buffer as ArrayBuffer);
  const fault = "fault" in result ? { ...result.fault, cause: sent(result.fault.cause) } : null;
  const warnings = "fault" in result ? [] : result.warnings.slice(told);
  reply({ kind: "done", fault, warnings, buffers }, buffers);
}

export function sent(error: unknown): SentError {
  return { message: messageOf(error), code: errorCode(error), stack: error instanceof Error ? error.stack : undefined };
}
