import { spawn } from "node:child_process";
import { readFileSync, realpathSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { createInterface } from "node:readline";
import { ROOT } from "../run.js";

/** Where an editor goes: the file in the package, and the text of its line. */
export interface Definition {
  file: string;
  line: string;
}

interface Answer {
  request_seq: number;
  body?: { file: string; start: { line: number } }[];
}

/**
 * "Go to definition" on the name before `‸` of each program, asked of TypeScript's server as editors ask it. Paths are relative to the
 * package in `directory`; null where the server knows no definition.
 */
export async function definitions(directory: string, programs: readonly string[]): Promise<(Definition | null)[]> {
  const script = join(ROOT, "node_modules/typescript/lib/tsserver.js");
  const server = spawn(process.execPath, [script, "--disableAutomaticTypingAcquisition"], { stdio: ["pipe", "pipe", "inherit"] });
  const answers = createInterface({ input: server.stdout })[Symbol.asyncIterator]();
  const ask = async (seq: number, command: string, given: object): Promise<Answer> => {
    server.stdin.write(`${JSON.stringify({ seq, type: "request", command, arguments: given })}\n`);
    for (;;) {
      const { value, done } = await answers.next();
      if (done === true) throw new Error("tsserver ended");
      const answer = value.startsWith("{") ? (JSON.parse(value) as Answer) : null;
      if (answer?.request_seq === seq) return answer;
    }
  };
  const root = realpathSync(join(directory, "node_modules/trainscope"));
  const found: (Definition | null)[] = [];
  for (const [i, program] of programs.entries()) {
    const file = join(directory, `definition-${i}.mts`);
    writeFileSync(file, program.replace("‸", ""));
    const before = (program.split("‸")[0] ?? "").split("\n");
    await ask(2 * i, "open", { file });
    const { body } = await ask(2 * i + 1, "definition", { file, line: before.length, offset: before.at(-1)?.length ?? 0 });
    found.push(definitionOf(root, body?.[0]));
  }
  server.kill();
  return found;
}

function definitionOf(root: string, found: { file: string; start: { line: number } } | undefined): Definition | null {
  if (found === undefined) return null;
  const line = readFileSync(found.file, "utf8").split("\n")[found.start.line - 1] ?? "";
  return { file: relative(root, found.file).replaceAll("\\", "/"), line: line.trim() };
}
