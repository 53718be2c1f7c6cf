import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

/** The repository's root. */
export const ROOT: string = fileURLToPath(new URL("../..", import.meta.url));

/** Runs a command and resolves with its stdout. Rejects with its stderr when it fails. */
export function runCommand(
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: ROOT, env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "pipe"] });
    let out = "";
    let err = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => (out += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (err += text));
    child.on("error", reject);
    child.on("close", (code, signal) => {
      if (code === 0) resolve(out);
      else reject(new Error(`${command} ${args.join(" ")} ended with ${signal ?? code}:\n${err || out}`));
    });
  });
}

/** Runs a TypeScript file of `bench/` in a separate Node process, so that runs do not affect each other. */
export function runScript(file: string, args: readonly string[] = []): Promise<string> {
  return runCommand(process.execPath, ["--expose-gc", "--import", "tsx", `bench/${file}`, ...args]);
}

/** The JSON object in the last line of a command's output. */
export function lastJson<T>(out: string): T {
  const line = out.trim().split("\n").at(-1) ?? "";
  return JSON.parse(line) as T;
}
