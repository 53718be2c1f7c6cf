import { execFile } from "node:child_process";

/** What a command printed. `ok`: it ended by itself, with code 0. */
export interface CommandOutput {
  readonly ok: boolean;
  /** At most `MAX_OUTPUT` characters; what a command printed before it failed or was ended is kept. */
  readonly stdout: string;
}

const MAX_OUTPUT = 64 * 1024;

/**
 * Runs a program without a shell and without input. It is killed after `timeoutMs`, and after more output than is read. Never rejects: a
 * program that cannot be started is not `ok`.
 */
export function commandOutput(
  file: string,
  args: readonly string[],
  options: { timeoutMs: number; env?: Readonly<Record<string, string>> },
): Promise<CommandOutput> {
  const env = { ...process.env, LC_ALL: "C", ...options.env };
  const limits = { timeout: options.timeoutMs, killSignal: "SIGKILL", maxBuffer: MAX_OUTPUT, windowsHide: true } as const;
  return new Promise((resolve) => {
    try {
      const child = execFile(file, args, { ...limits, env, encoding: "utf8" }, (error, stdout) =>
        resolve({ ok: error === null, stdout }),
      );
      child.stdin?.end();
    } catch {
      resolve({ ok: false, stdout: "" });
    }
  });
}
