/** Programs of `programs/` as processes of their own: they use the built package, say lines of JSON, and may be killed. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

export type Line = { say: string } & Readonly<Record<string, unknown>>;

export class Program {
  readonly process: ChildProcess;
  readonly lines: Line[] = [];
  stderr = "";
  readonly #closed: Promise<unknown>;
  #text = "";

  constructor(name: string, args: readonly string[], env: Readonly<Record<string, string>> = {}) {
    const file = fileURLToPath(new URL(`./programs/${name}`, import.meta.url));
    this.process = spawn(process.execPath, ["--import", "tsx", file, ...args], {
      env: { ...process.env, ...env },
      stdio: ["pipe", "pipe", "pipe"],
    });
    this.process.stdout?.setEncoding("utf8").on("data", (text: string) => this.#addText(text));
    this.process.stderr?.setEncoding("utf8").on("data", (text: string) => (this.stderr += text));
    this.process.stdin?.on("error", () => {}); // it may be gone
    this.#closed = once(this.process, "close");
  }

  /** The `count`th line that says `word`. Fails when the program ends before. */
  async says(word: string, count = 1): Promise<Line> {
    for (;;) {
      const found = this.all(word)[count - 1];
      if (found !== undefined) return found;
      const ended = await Promise.race([once(this.process, "line").then(() => false), this.#closed.then(() => true)]);
      if (ended && this.all(word).length < count) throw new Error(`It ended without saying "${word}":\n${this.stderr}`);
    }
  }

  all(word: string): Line[] {
    return this.lines.filter(({ say }) => say === word);
  }

  /** How it ended, all that it said being in `lines`. */
  async ended(): Promise<{ code: number | null; signal: NodeJS.Signals | null }> {
    await this.#closed;
    return { code: this.process.exitCode, signal: this.process.signalCode };
  }

  async kill(): Promise<void> {
    this.process.kill("SIGKILL");
    await this.#closed;
  }

  #addText(text: string): void {
    this.#text += text;
    for (let end = this.#text.indexOf("\n"); end >= 0; end = this.#text.indexOf("\n")) {
      this.lines.push(JSON.parse(this.#text.slice(0, end)) as Line);
      this.#text = this.#text.slice(end + 1);
    }
    this.process.emit("line");
  }
}
