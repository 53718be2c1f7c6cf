import { spawnSync } from "node:child_process";
import { readFileSync, realpathSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { ROOT } from "../run.js";

/** Where an editor goes: the file in the package, and the text of its line. */
export interface Definition {
  file: string;
  line: string;
}

interface Answer {
  request_seq: number;
  success: boolean;
  body: { file: string; start: { line: number } }[];
}

/**
 * "Go to definition" on the name before `‸` of each program, asked of TypeScript's server as editors ask it. Paths are relative to the
 * package in `directory`; null where the server knows no definition.
 */
export function definitions(directory: string, programs: readonly string[]): (Definition | null)[] {
  const requests = programs.flatMap((program, i) => {
    const file = join(directory, `definition-${i}.mts`);
    writeFileSync(file, program.replace("‸", ""));
    const before = (program.split("‸")[0] ?? "").split("\n");
    const place = { file, line: before.length, offset: before.at(-1)?.length ?? 0 };
    return [
      { seq: 2 * i, type: "request", command: "open", arguments: { file } },
      { seq: 2 * i + 1, type: "request", command: "definition", arguments: place },
    ];
  });
  const input = [...requests, { seq: -1, type: "request", command: "exit" }].map((request) => `${JSON.stringify(request)}\n`);
  const server = join(ROOT, "node_modules/typescript/lib/tsserver.js");
  const { stdout } = spawnSync(process.execPath, [server, "--disableAutomaticTypingAcquisition"], {
    input: input.join(""),
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
  });
  const answers = [...stdout.matchAll(/^\{.*\}$/gm)].map(([line]) => JSON.parse(line) as Answer);
  const root = realpathSync(join(directory, "node_modules/trainscope"));
  return programs.map((_, i) => {
    const found = answers.find(({ request_seq: seq }) => seq === 2 * i + 1)?.body?.[0];
    if (found === undefined) return null;
    const line = readFileSync(found.file, "utf8").split("\n")[found.start.line - 1] ?? "";
    return { file: relative(root, found.file).replaceAll("\\", "/"), line: line.trim() };
  });
}
