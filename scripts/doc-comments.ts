/**
 * Doc comments from schemas. For a config the whole type is generated (contract-types.ts); for the options of one class the interface is
 * written by hand, and its keys get their comments here.
 */
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import ts from "typescript";
import type { z } from "zod";
import { treeOf, type ConfigNode } from "../src/config/tree.js";
import { EXPORTED_SCHEMA, sourcesBelow, SRC } from "./sources.js";

const WIDTH = 130;

/** A doc comment at `indent`, on several lines where one is too long; then each tag has a line of its own. */
export function docComment(text: string, indent: string): string {
  const line = `${indent}/** ${text} */\n`;
  if (line.length <= WIDTH) return line;
  const lines = text.split(/ (?=@(?:default|internal)\b)/).flatMap((part) => wrapped(part, WIDTH - indent.length - " * ".length));
  return `${indent}/**\n${lines.map((one) => `${indent} * ${one}\n`).join("")}${indent} */\n`;
}

function wrapped(text: string, width: number): string[] {
  if (text.startsWith("@")) return [text];
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    if (last === undefined || last.length + 1 + word.length > width) lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines;
}

/** What a key's comment says: its sentence and its default. */
export function docText(node: ConfigNode): string {
  const value = node.codeOnly === true && typeof node.default === "string" ? node.default : JSON.stringify(node.default);
  const initial = node.default === undefined ? "" : ` @default ${value}`;
  return `${node.description ?? ""}${initial}${node.internal === true ? " @internal" : ""}`;
}

/** Source files whose option interfaces have a schema of the same name, with the comments that the schemas give. */
export async function documentedOptions(): Promise<Record<string, string>> {
  const files = sourcesBelow("").filter((name) => !name.startsWith("config/") && !name.startsWith("contract/config/"));
  const texts = new Map(files.map((file) => [file, readFileSync(SRC + file, "utf8")]));
  for (const [file, text] of Array.from(texts)) {
    for (const [, name = ""] of text.matchAll(EXPORTED_SCHEMA)) {
      const module = (await import(pathToFileURL(SRC + file).href)) as Record<string, z.ZodType>;
      const schema = module[name];
      const home = [...texts].find(([, other]) => new RegExp(`^export interface ${name}\\b`, "m").test(other));
      if (schema === undefined || home === undefined)
        throw new TypeError(`The schema ${name} in src/${file} has no interface ${name}.`);
      const [place] = home;
      texts.set(place, withComments(texts.get(place) ?? "", name, treeOf(schema)));
    }
  }
  const changed = [...texts].filter(([file]) => readFileSync(SRC + file, "utf8") !== texts.get(file));
  return Object.fromEntries(changed.map(([file, text]) => [`src/${file}`, text]));
}

/** `source` with the comment of each key of the interface `name` replaced by what `tree` says of it. */
function withComments(source: string, name: string, tree: ConfigNode): string {
  const file = ts.createSourceFile("options.ts", source, ts.ScriptTarget.Latest, true);
  const found = file.statements.filter(ts.isInterfaceDeclaration).find((one) => one.name.text === name);
  let text = source;
  for (const member of [...(found?.members ?? [])].reverse()) {
    const key = member.name !== undefined && ts.isIdentifier(member.name) ? member.name.text : "";
    const node = tree.properties?.[key];
    if (node === undefined) continue;
    const start = text.lastIndexOf("\n", member.getStart(file)) + 1;
    const comments = ts.getLeadingCommentRanges(source, member.pos) ?? [];
    const from = comments
      .filter(({ pos }) => source.lastIndexOf("\n", pos) >= member.pos)
      .map(({ pos }) => source.lastIndexOf("\n", pos) + 1);
    const indent = /^\s*/.exec(source.slice(start))?.[0] ?? "";
    text = text.slice(0, Math.min(start, ...from)) + docComment(docText(node), indent) + text.slice(start);
  }
  return text;
}
