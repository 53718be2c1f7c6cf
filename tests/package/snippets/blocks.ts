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
  /** `// continues`: the block before it on the page comes first; with a name (`// continues train.mts`), the one of that name. */
  readonly continues: string | null;
}

/** The preamble, from the first two lines of a block. */
export function preambleOf({ text }: Block): Preamble {
  const head = text.split("\n", 2);
  const names = head.map((line) => /^\/\/ given: (\w+(?:, \w+)*)$/.exec(line)?.[1]).find((found) => found !== undefined);
  return {
    given: names?.split(", ") ?? [],
    continues: head.map((line) => /^\/\/ continues ?(\S*)/.exec(line)?.[1]).find((found) => found !== undefined) ?? null,
  };
}

/** A block of TypeScript with those that it continues, the first one first. `before` are those of its page above it. */
function chainOf(block: Block, before: readonly (readonly Block[])[]): readonly Block[] {
  const { continues } = preambleOf(block);
  if (continues === null) return [block];
  const start = before.findLast((chain) => continues === "" || chain.some((part) => fileOf(part) === continues));
  if (start === undefined) throw new Error(`${block.page}:${block.line} continues nothing.`);
  return [...start, block];
}

/** Each block of TypeScript of one page, with those that it continues. */
export function chainsOf(blocks: readonly Block[]): (readonly Block[])[] {
  const chains: (readonly Block[])[] = [];
  for (const block of blocks) chains.push(chainOf(block, chains));
  return chains;
}

/**
 * The module that is compiled for a block. Its lines have the numbers that they have on the page, so that an error names the page's line;
 * what is given is imported on the line of the fence.
 */
export function moduleOf(chain: readonly Block[]): string {
  const lines: string[] = [];
  for (const part of chain) {
    const { given } = preambleOf(part);
    lines[part.line - 2] = given.length === 0 ? "" : `import { ${given.join(", ")} } from "./given.js";`;
    for (const [offset, line] of part.text.split("\n").entries()) lines[part.line - 1 + offset] = line;
  }
  return `${Array.from(lines, (line) => line ?? "").join("\n")}\nexport {};\n`;
}
