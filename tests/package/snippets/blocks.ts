import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../run.js";

/** A fenced block of a page. */
export interface Block {
  /** The page, relative to the repository, with slashes. */
  readonly page: string;
  /** The line of its first line of text, from 1. */
  readonly line: number;
  /** The first word behind the fence; "" where there is none. */
  readonly language: string;
  readonly text: string;
}

/** Pages that users read. */
export function pages(): string[] {
  const docs = readdirSync(join(ROOT, "docs")).filter((name) => name.endsWith(".md"));
  return ["README.md", "CONTRIBUTING.md", "SECURITY.md", ...docs.map((name) => `docs/${name}`)];
}

/** The blocks of a page in their order. A fence may be indented, as in a list. */
export function blocksOf(page: string): Block[] {
  const lines = readFileSync(join(ROOT, page), "utf8").split("\n");
  const blocks: Block[] = [];
  let open: { indent: string; fence: string; language: string; line: number } | null = null;
  for (const [index, line] of lines.entries()) {
    const [, indent = "", fence = "", language = ""] = /^(\s*)(`{3,})\s*(\S*)/.exec(line) ?? [];
    if (open === null && fence !== "") open = { indent, fence, language, line: index + 2 };
    else if (open !== null && fence.length >= open.fence.length && language === "") {
      const own = lines.slice(open.line - 1, index).map((text) => text.slice(open!.indent.length));
      blocks.push({ page, line: open.line, language: open.language, text: own.join("\n") });
      open = null;
    }
  }
  return blocks;
}

/** The file that the first line of a block names (`// train.mts`, `# train.yaml`), or null. */
export function fileOf({ text }: Block): string | null {
  return /^(?:\/\/|#) ([\w./-]+\.[a-z]+)(?= |$)/.exec(text.split("\n", 1)[0] ?? "")?.[1] ?? null;
}

/** What a block of TypeScript says that it builds on. */
export interface Preamble {
  /** Names that the reader has: `// given: model, data`. */
  readonly given: readonly string[];
  /** `// continues`: the block before it on the page comes first. */
  readonly continues: boolean;
}

/** The preamble, from the first two lines of a block. */
export function preambleOf({ text }: Block): Preamble {
  const head = text.split("\n", 2);
  const names = head.map((line) => /^\/\/ given: (\w+(?:, \w+)*)$/.exec(line)?.[1]).find((found) => found !== undefined);
  return { given: names?.split(", ") ?? [], continues: head.some((line) => /^\/\/ continues\b/.test(line)) };
}

/**
 * The module that is compiled for each block of TypeScript of one page. Its lines have the numbers that they have on the page, so that an
 * error names the page's line; what is given is imported on the line of the fence.
 */
export function modulesOf(blocks: readonly Block[]): Map<Block, string> {
  const modules = new Map<Block, string>();
  let before: Block[] = [];
  for (const block of blocks) {
    before = preambleOf(block).continues ? [...before, block] : [block];
    const lines: string[] = [];
    for (const part of before) {
      const { given } = preambleOf(part);
      lines[part.line - 2] = given.length === 0 ? "" : `import { ${given.join(", ")} } from "./given.js";`;
      for (const [offset, line] of part.text.split("\n").entries()) lines[part.line - 1 + offset] = line;
    }
    modules.set(block, `${Array.from(lines, (line) => line ?? "").join("\n")}\nexport {};\n`);
  }
  return modules;
}
