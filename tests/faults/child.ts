/** Runs one of the programs in `programs/` as a user's process: it imports the built package, and ends by itself or not at all. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { CaseReport, ExitReport } from "./programs/report.js";

const PROGRAMS = fileURLToPath(new URL("programs", import.meta.url));
const ROOT = resolve(PROGRAMS, "../../..");

export interface ChildEnd {
  code: number | null;
  signal: NodeJS.Signals | null;
  cases: Map<string, CaseReport>;
  /** What the process saw of itself at its own end; null when it was killed. */
  exit: ExitReport | null;
  stderr: string;
}

export class Child {
  readonly process: ChildProcess;
  /** Resolves when the process has ended by itself; rejects when it had to be killed for taking longer than `limitMs`. */
  readonly end: Promise<ChildEnd>;
  readonly #lines: Record<string, unknown>[] = [];
  readonly #waiting: (() => void)[] = [];
  #text = "";
  #stderr = "";
  #ended = false;

  constructor(program: string, dir: string, args: readonly string[], limitMs: number) {
    const file = join(PROGRAMS, program);
    this.process = spawn(process.execPath, ["--import", "tsx", file, dir, ...args], {
      cwd: ROOT,
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.process.stdout?.setEncoding("utf8").on("data", (text: string) => this.#take(text));
    this.process.stderr?.setEncoding("utf8").on("data", (text: string) => (this.#stderr += text));
    this.end = this.#wait(program, limitMs);
    this.end.catch(() => {});
  }

  /** The next line `{ say: <word>, … }` of the program. */
  async says(word: string): Promise<Record<string, unknown>> {
    for (;;) {
      const line = this.#lines.find((candidate) => candidate["say"] === word);
      if (line !== undefined) return line;
      if (this.#ended) throw new Error(`the program ended without saying "${word}":\n${this.#stderr}`);
      await new Promise<void>((wake) => this.#waiting.push(wake));
    }
  }

  #take(text: string): void {
    this.#text += text;
    for (let end = this.#text.indexOf("\n"); end >= 0; end = this.#text.indexOf("\n")) {
      this.#lines.push(JSON.parse(this.#text.slice(0, end)) as Record<string, unknown>);
      this.#text = this.#text.slice(end + 1);
    }
    for (const wake of this.#waiting.splice(0)) wake();
  }

  #wait(program: string, limitMs: number): Promise<ChildEnd> {
    return new Promise((done, fail) => {
      const timer = setTimeout(() => {
        this.process.kill("SIGKILL");
        fail(
          new Error(
            `${program} did not end by itself within ${limitMs} ms. It said:\n${JSON.stringify(this.#lines).slice(0, 4000)}\n${this.#stderr}`,
          ),
        );
      }, limitMs);
      this.process.on("close", (code, signal) => {
        clearTimeout(timer);
        this.#ended = true;
        for (const wake of this.#waiting.splice(0)) wake();
        const cases = this.#lines.filter((line) => line["say"] === "case") as unknown as CaseReport[];
        const exit = (this.#lines.find((line) => line["say"] === "exit") as unknown as ExitReport | undefined) ?? null;
        done({ code, signal, exit, stderr: this.#stderr, cases: new Map(cases.map((report) => [report.name, report])) });
      });
    });
  }
}

/** Starts a program of `programs/` with a directory of its own, which is removed at its end. */
export function start(program: string, args: readonly string[] = [], limitMs = 110_000): Child {
  const dir = mkdtempSync(join(tmpdir(), "trainscope-faults-"));
  const child = new Child(program, dir, args, limitMs);
  child.end.catch(() => {}).finally(() => rmSync(dir, { recursive: true, force: true }));
  return child;
}

/** Runs a program to its end. */
export function run(program: string, args: readonly string[] = [], limitMs?: number): Promise<ChildEnd> {
  return start(program, args, limitMs).end;
}
